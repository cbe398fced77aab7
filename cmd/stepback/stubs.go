package main

import "github.com/spf13/cobra"

func packCommand() *cobra.Command   { return &cobra.Command{Use: "pack"} }
func unpackCommand() *cobra.Command { return &cobra.Command{Use: "unpack"} }
func doctorCommand() *cobra.Command { return &cobra.Command{Use: "doctor"} }
