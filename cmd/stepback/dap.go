package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"stepback/adapter"
	"stepback/dap"
	"stepback/recorder"
	"stepback/recorder/trace"
)

func dapCommand() *cobra.Command {
	var f travelFlags
	var listen string
	var anywhere bool
	c := &cobra.Command{
		Use:   "dap [--listen HOST:PORT]",
		Short: "Serve an editor: the Debug Adapter Protocol",
		Long: `Serve an editor over the Debug Adapter Protocol, on standard input and output, or
for any number of clients at a TCP address of this machine. What can be written in
launch.json is in README.md.

The server ends with its client, or at SIGTERM or SIGINT, and leaves no process behind.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, args []string) error {
			o, err := f.options(c)
			if err != nil {
				return err
			}
			return serveDAP(listen, anywhere, adapterConfig(o.MaxSnapshots, o.PressureThreshold))
		},
	}
	f.add(c)
	c.Flags().StringVar(&listen, "listen", "", "serve clients at `HOST:PORT` instead; port 0 is any, and the first line printed names it")
	c.Flags().BoolVar(&anywhere, "listen-any", false, "allow addresses that others can reach: they can run programs as you")
	return c
}

func serveDAP(listen string, anywhere bool, config *adapter.Config) error {
	ends := []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP}
	if listen == "" {
		ends = append(ends, unix.SIGPIPE) // the client is gone; without this, Go's runtime ends us at once
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	if listen == "" {
		adapter.Serve(ctx, dap.NewConn(dap.Stdio()), config) // its error is that the client is gone
		return nil
	}
	l, err := dap.Listen(listen, anywhere)
	if err != nil {
		return fail(exitUsage, "%w", err)
	}
	fmt.Printf("DAP server listening at: %s\n", l.Addr())
	return dap.Serve(ctx, l, func(ctx context.Context, c *dap.Conn) error { return adapter.Serve(ctx, c, config) })
}

// adapterConfig gives the adapter what the other commands know of places and programs.
func adapterConfig(most, threshold int) *adapter.Config {
	c := &adapter.Config{
		Tool: "stepback " + version, SyscallName: syscallName, FindProgram: findProgram,
		Reserve: func(asked, program string) (string, error) {
			place, _, err := reserve(asked, program)
			return place, err
		},
		Discard:       func(place string) { os.RemoveAll(place) },
		OpenRecording: func(name string) (*trace.Recording, error) { return openRecording([]string{name}) },
		ExplainLaunch: func(err error) string {
			_, message := explain(err)
			return message
		},
		MaxSnapshots: most, MemoryPressureThreshold: threshold,
	}
	if self, err := os.Executable(); err == nil {
		c.Terminal = func(socket, place, program string, args []string) []string {
			return append([]string{self, "record", "--quiet", "--report", socket, "-o", place, "--", program}, args[1:]...)
		}
	}
	return c
}

// reporting records for a debugger that waits at a socket, "" for none: it is told of beginning and end, and
// can ask for the end.
func reporting(socket string, c recorder.Config, stop func()) (recorder.Result, error) {
	if socket == "" {
		return recorder.Record(c)
	}
	r, asked, err := adapter.Report(socket)
	if err != nil {
		return recorder.Result{}, err
	}
	go func() {
		<-asked
		stop()
	}()
	started := c.Started
	c.Started = func(pid int) {
		started(pid)
		r.Started(pid)
	}
	result, err := recorder.Record(c)
	problem := ""
	if err != nil {
		_, problem = explain(err)
	}
	r.Ended(fmt.Sprintf("recorded %d events in %.1f s to %s", result.Events, result.Elapsed.Seconds(), c.Out), problem)
	return result, err
}
