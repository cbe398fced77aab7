package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRedis records a server that clients outside of the recording put under load: all that it reads
// comes from processes that replay knows nothing of.
func TestRedis(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := redisServer(t, dir)
	port := freePort(t)
	cli := func(args ...string) outcome {
		return run(t, command{argv: append([]string{systemProgram(t, "redis-cli"), "-p", port}, args...), dir: dir})
	}

	rec := filepath.Join(t.TempDir(), "rec")
	recorder := start(t, command{
		argv: recordCommand(rec, server, "--port", port, "--bind", "127.0.0.1", "--dir", dir,
			"--appendonly", "yes", "--save", "60 1", "--daemonize", "no"),
		dir:      dir,
		diagnose: func() string { return lastEvents(rec) },
	})
	await(t, "the server answers", func() bool {
		if recorder.ended() {
			t.Fatalf("the server ended at once: %s%s\n%s", recorder.out(), recorder.err(), lastEvents(rec))
		}
		return strings.Contains(cli("ping").stdout, "PONG")
	})

	load := run(t, command{
		argv: []string{systemProgram(t, "redis-benchmark"), "-p", port, "-n", "1000", "-c", "10", "-r", "500", "-d", "64",
			"-t", "ping_inline,set,get,incr,lpush,rpop,sadd,hset,zadd,lrange_100,mset", "--csv"},
		dir: dir,
		diagnose: func() string {
			return "the server's processes:\n" + describe(marked(recorder.mark)) + lastEvents(rec)
		},
	})
	if load.status != 0 || strings.Count(load.stdout, "\n") < 11 {
		t.Fatalf("redis-benchmark exited %d: %s%s", load.status, load.stdout, load.stderr)
	}
	cli("set", "greeting", "hello")
	if got := cli("get", "greeting").stdout; strings.TrimSpace(got) != "hello" {
		t.Errorf("get greeting answered %q", got)
	}
	// A snapshot is written by a forked child, which is recorded as well.
	if got := cli("bgsave").stdout; !strings.Contains(got, "started") {
		t.Errorf("bgsave answered %q", got)
	}
	await(t, "the snapshot is written", func() bool {
		_, err := os.Stat(filepath.Join(dir, "dump.rdb"))
		return err == nil
	})
	cli("shutdown")

	if out := recorder.wait(); out.status != 0 || out.stderr != "" || !strings.Contains(out.stdout, "bye bye") {
		t.Errorf("the server exited %d: %s%s", out.status, out.stdout, out.stderr)
	}
	mustVerify(t, rec)
}

// redisServer returns an executable redis-server. Debian's redis-tools has it under another name (it
// looks at its own name to tell what to be), without the service that the package redis-server starts.
func redisServer(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "redis-server")
	if err := os.Symlink(systemProgram(t, "redis-check-rdb"), path); err != nil {
		t.Fatal(err)
	}
	return path
}

// freePort returns a TCP port of loopback that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
}
