// Goroutines, garbage collection and a server on loopback with its clients, in one process.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

type node struct {
	left, right *node
	data        [4]int
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: tree(depth - 1), right: tree(depth - 1), data: [4]int{depth}}
}

func (n *node) count() int {
	if n == nil {
		return 0
	}
	return 1 + n.left.count() + n.right.count()
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					fmt.Fprintln(conn, strings.ToUpper(lines.Text()))
				}
			}()
		}
	}()

	var clients, workers sync.WaitGroup
	answers := make(chan string, 64)
	for c := range 8 {
		clients.Go(func() {
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				answers <- err.Error()
				return
			}
			defer conn.Close()
			lines := bufio.NewScanner(conn)
			for i := range 25 {
				fmt.Fprintf(conn, "client %d line %d\n", c, i)
				if lines.Scan() {
					answers <- lines.Text()
				}
			}
		})
	}
	counts := make([]int, 4)
	for w := range counts {
		workers.Go(func() {
			for range 10 {
				counts[w] += tree(12).count()
				runtime.Gosched()
			}
		})
	}
	go func() { clients.Wait(); close(answers) }()
	total, wrong := 0, 0
	for a := range answers {
		total++
		if !strings.HasPrefix(a, "CLIENT ") {
			wrong++
		}
	}
	workers.Wait()
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)

	ticker := time.NewTicker(2 * time.Millisecond)
	for range 3 {
		<-ticker.C
	}
	ticker.Stop()
	listener.Close()
	fmt.Println("answers", total, "wrong", wrong, "nodes", counts, "collected", mem.NumGC > 1)
	os.Exit(3)
}
