package adapter

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// hitCondition says which hits of a breakpoint count, by their numbers from the beginning
// of history, from 1 on.
type hitCondition struct {
	op string
	n  uint64
}

var hitConditionText = regexp.MustCompile(`^(==|=|>=|>|<=|<|%)?\s*([0-9]{1,18})$`)

// parseHitCondition reads a hit condition, nil for none: "3" and "== 3" are the third hit, "% 3"
// each third.
func parseHitCondition(text string) (*hitCondition, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	m := hitConditionText.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return nil, fmt.Errorf("hit condition %q: write a number, with ==, >=, >, <=, < or %% before it", text)
	}
	n, _ := strconv.ParseUint(m[2], 10, 64)
	if n == 0 && m[1] != ">" && m[1] != ">=" {
		return nil, fmt.Errorf("hit condition %q is never met: the first hit is number 1", text)
	}
	return &hitCondition{m[1], n}, nil
}

// after is the first number greater than k that counts, 0 if none does.
func (h *hitCondition) after(k uint64) uint64 {
	switch h.op {
	case ">", ">=":
		return max(k+1, h.first())
	case "<", "<=":
		if k+1 <= h.last() {
			return k + 1
		}
		return 0
	case "%":
		return (k/h.n + 1) * h.n
	}
	if h.n > k {
		return h.n
	}
	return 0
}

// upTo is the last number up to k that counts, 0 if none does.
func (h *hitCondition) upTo(k uint64) uint64 {
	switch h.op {
	case ">", ">=":
		if k >= h.first() {
			return k
		}
		return 0
	case "<", "<=":
		return min(k, h.last())
	case "%":
		return k / h.n * h.n
	}
	if h.n <= k {
		return h.n
	}
	return 0
}

func (h *hitCondition) first() uint64 {
	if h.op == ">" {
		return h.n + 1
	}
	return max(h.n, 1)
}

func (h *hitCondition) last() uint64 {
	if h.op == "<" {
		return h.n - 1
	}
	return h.n
}
