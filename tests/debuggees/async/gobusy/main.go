// Proves: goroutines that compute without calls are preempted by the Go runtime's SIGURG, for the scheduler on one processor and
// for the garbage collector on two.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

func spin(n int, x uint64) uint64 {
	for i := 0; i < n; i++ {
		x = x*6364136223846793005 + uint64(i)
	}
	return x
}

var sink []byte

func main() {
	for _, processors := range []int{1, 2} {
		runtime.GOMAXPROCS(processors)
		var forever uint64
		go func() { // never gives way by itself
			for i := uint64(0); ; i++ {
				forever += i
			}
		}()
		runtime.Gosched()

		var group sync.WaitGroup
		var done atomic.Int32
		results := make([]uint64, 4)
		for i := range results {
			group.Add(1)
			go func() {
				defer group.Done()
				results[i] = spin(8_000_000, uint64(i))
				done.Add(1)
			}()
		}
		for i := 0; i < 2; i++ {
			sink = make([]byte, 1<<20)
			runtime.GC() // must stop them all
		}
		group.Wait()
		fmt.Printf("%d processors: %d goroutines, %x, %d bytes\n", processors, done.Load(), results, len(sink))
	}
}
