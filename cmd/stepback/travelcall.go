package main

import (
	"fmt"
	"strconv"
	"strings"

	"stepback/replayer"
)

// returned is what a function returned that was called in a copy.
type returned struct {
	Rax     string   `json:"rax"`
	Signed  int64    `json:"signed"` // rax
	Steps   uint64   `json:"steps"`
	Output  string   `json:"output,omitempty"`
	Refused []string `json:"refused,omitempty"`
}

func (c returned) String() string {
	return fmt.Sprintf("rax is %s (%d)", c.Rax, c.Signed) + sideEffects(c.Output, c.Refused)
}

// sideEffects are lines about what called code printed, and wanted to do.
func sideEffects(output string, refused []string) string {
	s := ""
	if output != "" {
		s += "\nit printed:\n" + strings.TrimSuffix(output, "\n")
	}
	if refused != nil {
		s += "\nit was refused: " + strings.Join(refused, ", ")
	}
	return s
}

func (t *traveller) call() (any, error) {
	addr, err := t.address(t.args[0])
	if err != nil {
		return nil, err
	}
	c := replayer.Call{Func: addr}
	for _, arg := range t.args[1:] {
		if n, err := strconv.ParseInt(arg, 0, 64); err == nil {
			c.Args = append(c.Args, uint64(n))
			continue
		}
		n, err := t.address(arg)
		if err != nil {
			return nil, err
		}
		c.Args = append(c.Args, n)
	}
	r, err := t.Call(t.ctx, c)
	if err != nil {
		if effects := sideEffects(r.Output, r.Refused); effects != "" {
			err = fmt.Errorf("%w%s", err, effects)
		}
		return nil, err
	}
	return returned{fmt.Sprintf("%#x", r.Rax), int64(r.Rax), r.Steps, r.Output, r.Refused}, nil
}
