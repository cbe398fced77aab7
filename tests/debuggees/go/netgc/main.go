// Proves: a Go program: goroutines, channels, select, garbage collection, maps in random order, loopback TCP, a ticker and a
// child process.
// stdin: a line for the child
package main

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

var sum uint64 = 1

func mix(v uint64) {
	sum = (sum ^ v) * 0xff51afd7ed558ccd
	syscall.RawSyscall(syscall.SYS_GETPRIORITY, 99, uintptr(sum), 0)
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func channels() {
	jobs, results := make(chan int), make(chan int, 3)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for j := range jobs {
				results <- j * j // BP1
			}
		})
	}
	go func() {
		for i := range 1000 {
			jobs <- i
		}
		close(jobs)
		wg.Wait()
		close(results)
	}()
	total := 0
	for r := range results {
		total += r
	}
	fmt.Println("channels", total)
}

func garbage() {
	keep := map[int][]byte{}
	for i := range 20000 {
		keep[i%500] = make([]byte, 100+i%3000)
		keep[i%500][0] = byte(i)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	mix(m.HeapAlloc)
	for k := range keep { // in random order
		mix(uint64(k))
	}
	fmt.Println("garbage", len(keep), m.NumGC > 0)
}

func network() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			c, err := net.Dial("tcp", l.Addr().String())
			must(err)
			fmt.Fprintln(c, strings.Repeat("hello ", 1000))
			back, err := bufio.NewReader(c).ReadString('\n')
			must(err)
			if len(back) != 6001 {
				panic("short answer")
			}
			must(c.Close())
		})
	}
	for range 5 {
		c, err := l.Accept()
		must(err)
		go io.Copy(c, c)
	}
	wg.Wait()
	must(l.Close())
	fmt.Println("network ok")
}

func clock() {
	t := time.NewTicker(2 * time.Millisecond)
	for range 5 {
		mix(uint64((<-t.C).UnixNano()))
	}
	t.Stop()
	select {
	case <-time.After(3 * time.Millisecond):
	case <-make(chan int):
	}
	b := make([]byte, 33)
	rand.Read(b)
	mix(uint64(b[7]))
	fmt.Println("clock ok")
}

func child() {
	c := exec.Command("tr", "a-z", "A-Z")
	c.Stdin, c.Stdout = os.Stdin, os.Stdout
	must(c.Run())
	out, err := exec.Command("/bin/sh", "-c", "echo from a child; exit 3").Output()
	fmt.Printf("%q %v\n", out, err)
}

func main() {
	channels()
	garbage()
	network()
	clock()
	child()
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		var p *int
		fmt.Println(*p) // BP2: a SIGSEGV that the runtime turns into a panic
	}()
}
