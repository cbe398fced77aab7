package dap

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

// Stdio is our own standard input and output as a stream.
func Stdio() io.ReadWriteCloser { return stdio{} }

type stdio struct{}

func (stdio) Read(p []byte) (int, error)  { return os.Stdin.Read(p) }
func (stdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }
func (stdio) Close() error                { return os.Stdin.Close() }

// Listen listens at a TCP address. Whoever can connect can run programs as this user, so
// that only addresses of this machine are allowed unless anywhere is set.
func Listen(address string, anywhere bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen at %q: write HOST:PORT, such as 127.0.0.1:4711 (port 0: any that is free)", address)
	}
	if ip := net.ParseIP(host); !anywhere && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("listening at %s would let others on the network run programs here; listen at 127.0.0.1, or say --listen-any if that is wanted", address)
	}
	return net.Listen("tcp", address)
}

// Serve serves each connection by a goroutine, until ctx ends; then it closes them all
// and waits.
func Serve(ctx context.Context, l net.Listener, serve func(context.Context, *Conn) error) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var sessions sync.WaitGroup
	defer sessions.Wait()
	for {
		c, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("waiting for a client: %w", err)
		}
		sessions.Go(func() { serve(ctx, NewConn(c)) })
	}
}
