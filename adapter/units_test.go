package adapter

import (
	"slices"
	"testing"

	"stepback/dap"
)

// Going back finds the same hits as going on.
func TestHitConditions(t *testing.T) {
	for text, want := range map[string][]uint64{
		"3": {3}, "== 3": {3}, "=3": {3}, "> 7": {8, 9, 10}, ">=8": {8, 9, 10}, "< 3": {1, 2}, "<= 2": {1, 2}, "% 4": {4, 8}, ">= 0": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		"99": nil, "<1": nil,
	} {
		h, err := parseHitCondition(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		const hits = 10
		var on, back []uint64
		for k := h.after(0); k > 0 && k <= hits; k = h.after(k) {
			on = append(on, k)
		}
		for k := h.upTo(hits); k > 0; k = h.upTo(k - 1) {
			back = append(back, k)
		}
		slices.Reverse(back)
		if !slices.Equal(on, want) || !slices.Equal(back, want) {
			t.Errorf("%q: on %v, back %v, want %v", text, on, back, want)
		}
	}
	for _, text := range []string{"x", "0", "== 0", "3 4", "-1", "%0", "99999999999999999999"} {
		if _, err := parseHitCondition(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestMessages(t *testing.T) {
	for text, want := range map[string]int{"plain": 0, "{a}": 1, "x {a} y {b}": 2, "open { end": 0, "{a} and {": 1, "}{": 0} {
		m := parseMessage(text)
		if len(m.expressions) != want || len(m.texts) != want+1 {
			t.Errorf("%q: %+v", text, m)
		}
	}
	if parseMessage("") != nil {
		t.Error("nothing is a message")
	}
}

// However often threads take turns, few turns are kept, and they cover all.
func TestTurns(t *testing.T) {
	var list turns
	const events = 1 << 20
	for n := range uint64(events) {
		list.add(n, int(n/3%7))
	}
	if len(list.list) > maxTurns || len(list.list) < 100 || list.list[0].from != 0 {
		t.Errorf("%d turns", len(list.list))
	}
	var slices []dap.Slice
	for i, l := range list.list {
		to := uint64(events)
		if i+1 < len(list.list) {
			to = list.list[i+1].from
		}
		slices = append(slices, dap.Slice{ThreadID: l.tid, From: l.from, To: to})
	}
	thin := thinSlices(slices, 100)
	if len(thin) > 100 || len(thin) < 50 {
		t.Errorf("%d slices", len(thin))
	}
	for i, l := range thin[1:] {
		if l.From != thin[i].To {
			t.Errorf("%+v is followed by %+v", thin[i], l)
		}
	}
}

// The percentage never goes back, and comes near its end.
func TestMeter(t *testing.T) {
	for _, passed := range [][]uint64{
		{100, 300, 600, 990}, // on
		{900, 700, 800, 899, 400, 600, 699, 10, 200, 399, 5}, // back, in stretches
	} {
		m, before := meter{}, 0
		for _, event := range passed {
			m.see(event, 1000)
			if m.percent < before || m.percent > 99 {
				t.Errorf("%v: %d %% behind %d %%", passed, m.percent, before)
			}
			before = m.percent
		}
		if before < 90 {
			t.Errorf("%v ends at %d %%", passed, before)
		}
	}
}
