package adapter_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"stepback/dap"
	"stepback/dap/daptest"
)

// fuzzed are the commands that a client might send, without those that end the session.
var fuzzed = append(strings.Fields(`initialize configurationDone attach cancel pause threads setBreakpoints setFunctionBreakpoints
	setInstructionBreakpoints setDataBreakpoints setExceptionBreakpoints dataBreakpointInfo exceptionInfo stackTrace scopes variables evaluate
	completions readMemory disassemble modules loadedSources continue reverseContinue next stepIn stepOut stepBack restartFrame setVariable
	setExpression writeMemory goto gotoTargets source breakpointLocations stepInTargets terminateThreads nonsense`),
	strings.Fields("time snapshots timeline bookmarks log goto lastWrite reverseStepIn reverseStepOut")...)

func init() {
	for i, name := range fuzzed[len(fuzzed)-9:] {
		fuzzed[len(fuzzed)-9+i] = dap.Prefix + name
	}
}

// fuzzedValue is a value of an argument, right or wrong.
func fuzzedValue(r *rand.Rand, thread int) any {
	values := []any{
		thread, thread, 0, 1, 2, 7, -1, 1 << 40, 1.5, true, nil, "", "count", "$rax", "0x401000", "start", "end", "40+2", "99999999+1", "goto start",
		"info snapshots", "last counter", "u64[$rsp]", "% 2", "x{", "\u0000", strings.Repeat("a", 3000), []any{}, []any{1}, A{}, A{"name": "count"},
		[]any{A{"name": "count"}}, []any{A{"name": "count", "condition": "$rdi == 2"}}, []any{A{"line": 3}}, []any{A{"instructionReference": "0x401000"}}, []any{"fatal"},
		A{"path": "/x.c"}, "instruction", "line", "repl", "watch", "hover", "-5", "18446744073709551615",
	}
	return values[r.IntN(len(values))]
}

var fuzzedNames = strings.Fields(`threadId frameId variablesReference granularity expression context memoryReference offset count instructionCount
	instructionOffset breakpoints source filters name start text column levels startFrame time points bytes most remove requestId progressId lines message`)

// Whatever a client sends, each message is answered once, and the session goes on.
func TestRandomRequests(t *testing.T) {
	program := compile(t, "crash")
	c := connect(t, config(t))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	n := 20_000
	if testing.Short() {
		n = 1000
	}
	one := func(thread int) int {
		command := fuzzed[r.IntN(len(fuzzed))]
		arguments := A{}
		for range r.IntN(5) {
			arguments[fuzzedNames[r.IntN(len(fuzzedNames))]] = fuzzedValue(r, thread)
		}
		if r.IntN(3) > 0 { // most want these
			arguments["threadId"], arguments["frameId"] = thread, 0
		}
		text, err := json.Marshal(arguments)
		if err != nil {
			t.Fatal(err)
		}
		if r.IntN(20) == 0 {
			text = []byte(`[1, "x"]`)
		}
		return c.Unchecked(command, text)
	}
	for range n / 10 { // before there is anything
		c.Response(one(1))
	}
	// It may be initialized by now, or not.
	c.Response(c.Send("initialize", A{"adapterID": "stepback"}))
	daptest.Do[dap.None](c, "launch", A{"program": program, "args": []string{"x"}})
	c.Response(c.Send("configurationDone", nil))
	s := c.Stopped()
	pending := map[int]bool{}
	for i := range n {
		seq := one(s.ThreadID)
		if r.IntN(4) == 0 { // several at once
			pending[seq] = true
			continue
		}
		c.Response(seq)
		if i%50 == 0 {
			for _, seq := range slices.Sorted(maps.Keys(pending)) {
				c.Response(seq)
			}
			clear(pending)
		}
	}
	for seq := range pending {
		c.Response(seq)
	}
	setFunctionsAnyway(c)
	disconnect(c)
}

// setFunctionsAnyway proves that the session is usable: it waits for the end of what goes on.
func setFunctionsAnyway(c *daptest.Client) {
	setFunctions(c, "count")
	daptest.Do[dap.None](c, "pause", A{"threadId": 1})
	daptest.Do[dap.TimeBody](c, "stepback/time", nil)
}

// What is no message of the protocol is answered with an error, and the next message is read.
func TestMalformed(t *testing.T) {
	c := connect(t, config(t))
	for i, bad := range []string{
		"Content-Length: 4\r\n\r\nnull",
		"Content-Length: 2\r\n\r\n{}",
		"Content-Length: 9\r\n\r\n{\"seq\":3,",
		"Content-Length: 3\r\n\r\n\xff\xfe\xfd",
		"Content-Length: x\r\n\r\n",
		"Content-Type: text\r\n\r\n",
		"Content-Length: -5\r\n\r\n",
		string(daptest.Frame([]byte(`{"seq":8,"type":"request"}`))),
		string(daptest.Frame([]byte(`{"seq":"x","type":"request","command":"threads"}`))),
		string(daptest.Frame([]byte(`{"seq":10,"type":"event","event":"stopped"}`))),
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", dap.MaxMessage+1, strings.Repeat(" ", dap.MaxMessage+1)),
	} {
		c.Raw([]byte(bad))
		seq := i + 1
		m := c.Response(seq)
		if m.Success || m.Message == "" {
			t.Errorf("%.40q: %+v", bad, m)
		}
	}
	daptest.Do[dap.Capabilities](c, "initialize", A{"adapterID": "stepback"})
	c.Fails("threads", nil)
	if m := c.Response(c.Unchecked("launch", []byte(`7`))); m.Success {
		t.Error("launched a number")
	}
	disconnect(c)
}
