package snapshots

import (
	"os"
	"testing"
	"time"
)

func TestCreation(t *testing.T) {
	var c Creation
	for _, ms := range []int{10, 40, 1} {
		c.Took(time.Duration(ms) * time.Millisecond)
	}
	if c.Mean != 17 || c.Max != 40 || c.Previous != 1 {
		t.Errorf("%+v", c)
	}
}

func TestPSS(t *testing.T) {
	if pss, err := PSS(os.Getpid()); err != nil || pss < 1<<20 {
		t.Errorf("%d bytes: %v", pss, err)
	}
	if _, err := PSS(-1); err == nil {
		t.Error("no error for no process")
	}
}
