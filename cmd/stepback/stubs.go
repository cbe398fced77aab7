package main

import "github.com/spf13/cobra"

func infoCommand() *cobra.Command   { return &cobra.Command{Use: "info"} }
func eventsCommand() *cobra.Command { return &cobra.Command{Use: "events"} }
func packCommand() *cobra.Command   { return &cobra.Command{Use: "pack"} }
func unpackCommand() *cobra.Command { return &cobra.Command{Use: "unpack"} }
func doctorCommand() *cobra.Command { return &cobra.Command{Use: "doctor"} }
