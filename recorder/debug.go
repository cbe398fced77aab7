package recorder

import (
	"os"
	"strconv"
)

// The switches for finding faults in the recorder itself, all in one place.
// They are environment variables of the recorder, for its tests.

// checkMemory is the number of system calls between two checks of all memory:
// the hashes of all pages of the process become evidence of the event, which
// the replayer compares. It finds what the kernel wrote and the recording
// lacks, even if no register ever shows it. 0: never.
var checkMemory = number("STEPBACK_CHECK_MEMORY")

func number(name string) uint64 {
	n, err := strconv.ParseUint(os.Getenv(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
