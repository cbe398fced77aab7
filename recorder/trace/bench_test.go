package trace

import (
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// BenchmarkAppend appends the events of dd bs=1, with random content.
func BenchmarkAppend(b *testing.B) {
	w, err := Create(filepath.Join(b.TempDir(), "rec"), testManifest())
	if err != nil {
		b.Fatal(err)
	}
	read, write := ddEvents()
	rnd := rand.New(rand.NewPCG(1, 1))
	before := w.Size()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i&1 == 0 {
			read.Writes[0].Data[0] = byte(rnd.Uint32())
			w.Append(&read)
		} else {
			w.Append(&write)
		}
		i++
	}
	b.StopTimer()
	if err := w.Close(nil); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(w.Size()-before)/float64(i), "bytes/event")
}

// BenchmarkEncode is the part of Append on the recorder's thread.
func BenchmarkEncode(b *testing.B) {
	read, write := ddEvents()
	var c encoder
	var buf []byte
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i&1 == 0 {
			buf = c.encode(buf, &read)
		} else {
			buf = c.encode(buf, &write)
		}
		if len(buf) > frameCut {
			buf = buf[:0]
			c.reset()
		}
		i++
	}
}

// BenchmarkNext reads the same events again.
func BenchmarkNext(b *testing.B) {
	read, write := ddEvents()
	events := make([]Event, 200000)
	for i := range events {
		events[i] = []Event{read, write}[i&1]
	}
	r := open(b, record(b, events, len(events)))
	var c *Cursor
	var e Event
	b.ReportAllocs()
	for b.Loop() {
		if c == nil {
			var err error
			if c, err = r.Events(0); err != nil {
				b.Fatal(err)
			}
		}
		if err := c.Next(&e); err == io.EOF {
			c = nil
		} else if err != nil {
			b.Fatal(err)
		}
	}
}
