// Command stepback records native programs and replays the recordings.
//
// Each subcommand is a file; errors.go gives every failure its exit status,
// place.go knows where recordings are. Larger commands have more files:
//
//   - events: eventtext.go shows an event as a line, with calltext.go for
//     system calls; eventjson.go as JSON
//   - replay: screen.go prints the program's output, and progress.go where
//     there is room
//   - info: processes.go passes through the log for the tree of processes
//   - doctor: machine.go and cgroup.go look at the machine, trials.go tries
//     with processes of our own, checks.go judges what these found
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

// version is set by the linker in releases.
var version = "0.1-dev"

func main() { os.Exit(run(os.Args[1:])) }

// run executes the command line and returns the exit status.
func run(args []string) int {
	root := &cobra.Command{
		Use:           "stepback",
		Short:         "Record a native program, and walk through its history",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(recordCommand(), replayCommand(), verifyCommand(), infoCommand(), eventsCommand(), packCommand(), unpackCommand(), doctorCommand(),
		travelCommand(), snapshotsCommand(), dapCommand())
	root.SetArgs(args)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usageError(c, err) })
	err := root.Execute()
	if err == nil {
		return 0
	}
	status, message := explain(err)
	if message != "" {
		fmt.Fprintln(os.Stderr, "stepback:", message)
	}
	return status
}
