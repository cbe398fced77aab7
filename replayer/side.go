package replayer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"stepback/recorder/trace"
)

// sideName is the file in the recording's directory that keeps what replays
// found out about it. It can be made again at any time, so it is not part of
// the recording: packing leaves it out, and whatever is wrong with it makes it
// be ignored.
const sideName = "steps.json"

// sideVersion changes with the meaning of the file, and of steps.
const sideVersion = 1

// side is what replays found out about a recording.
type side struct {
	Version int `json:"version"`
	// Events is how many the recording had.
	Events uint64 `json:"events"`
	// Steps is the number of steps of the whole recording, 0 while unknown.
	Steps uint64 `json:"steps"`
	// Places holds, for each event inside a computation, how many steps after the
	// event before it lies.
	Places map[uint64]uint64 `json:"places"`

	// skip is how many matches of an event's evidence were found to be wrong.
	skip map[uint64]int
	// found are the events of Places that this pass found.
	found []uint64
}

// sideFile is how a side is written.
type sideFile struct {
	Sum  string          `json:"sha256"` // of Data
	Data json.RawMessage `json:"data"`
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// openSide reads the file of a recording.
func openSide(rec *trace.Recording) *side {
	empty := &side{Version: sideVersion, Events: rec.Len(), Places: map[uint64]uint64{}, skip: map[uint64]int{}}
	data, err := os.ReadFile(filepath.Join(rec.Dir(), sideName))
	if err != nil {
		return empty
	}
	var f sideFile
	if json.Unmarshal(data, &f) != nil || sumOf(f.Data) != f.Sum {
		return empty
	}
	s := &side{skip: map[uint64]int{}}
	if json.Unmarshal(f.Data, s) != nil || s.Version != sideVersion || s.Events != rec.Len() || s.Places == nil {
		return empty
	}
	return s
}

// keep writes the file. A recording that cannot be written to stays as it is.
func (s *side) keep(rec *trace.Recording, steps uint64) {
	if s.Steps == steps && len(s.found) == 0 {
		return
	}
	s.Steps = steps
	data, err := json.Marshal(s)
	if err == nil {
		data, err = json.Marshal(sideFile{sumOf(data), data})
	}
	if err != nil {
		return
	}
	f, err := os.CreateTemp(rec.Dir(), sideName+".*")
	if err != nil {
		return
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(rec.Dir(), sideName))
	}
	if err != nil {
		os.Remove(f.Name())
	}
}

// steps is how many steps before event number n its thread makes, if that is
// known because the event lies inside a computation.
func (s *side) steps(n uint64) (steps uint64, ok bool) {
	steps, ok = s.Places[n]
	return steps, ok
}

// resolve notes the place of event number n.
func (s *side) resolve(n, steps uint64) {
	if s.Places != nil {
		s.Places[n] = steps
		s.found = append(s.found, n)
	}
}

// mostRetries is how often a recording is replayed again because a place may
// have been taken for another.
const mostRetries = 20

// retry runs a pass. Evidence does not always tell one state from another that
// comes earlier. If the wrong one was taken, the recording diverges later on;
// then the latest place before that is looked for again behind the one that was
// taken.
func retry(s *side, pass func() error) error {
	first := error(nil)
	for range mostRetries {
		s.found = nil
		err := pass()
		var d *Divergence
		if !errors.As(err, &d) {
			return err
		}
		if first == nil {
			first = err
		}
		found := s.found
		for len(found) > 0 && found[len(found)-1] >= d.Event {
			found = found[:len(found)-1]
		}
		for _, n := range s.found {
			delete(s.Places, n)
		}
		if s.skip[d.Event] > 0 {
			// There is no further match: it was another place that was wrong.
			delete(s.skip, d.Event)
		}
		if len(found) == 0 {
			return first
		}
		s.skip[found[len(found)-1]]++
	}
	return first
}
