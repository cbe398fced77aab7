package adapter_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	godap "github.com/google/go-dap"

	"stepback/dap"
	"stepback/dap/daptest"
)

// What can be looked at without debug information.
func TestInspect(t *testing.T) {
	program := compile(t, "crash")
	c := connect(t, config(t))
	s := begin(t, c, A{"program": program, "args": []string{"x"}}, "count")

	f := top(c, s.ThreadID)
	scopes := daptest.Do[godap.ScopesResponseBody](c, "scopes", A{"frameId": f.Id}).Scopes
	if len(scopes) != 1 || scopes[0].PresentationHint != "registers" {
		t.Fatalf("scopes %+v", scopes)
	}
	all := daptest.Do[godap.VariablesResponseBody](c, "variables", A{"variablesReference": scopes[0].VariablesReference}).Variables
	part := daptest.Do[godap.VariablesResponseBody](c, "variables", A{"variablesReference": scopes[0].VariablesReference, "start": 5, "count": 2}).Variables
	if len(all) != scopes[0].NamedVariables || len(part) != 2 || part[0].Name != all[5].Name {
		t.Errorf("%d registers of %d; part %+v", len(all), scopes[0].NamedVariables, part)
	}
	rip := all[slices.IndexFunc(all, func(v godap.Variable) bool { return v.Name == "rip" })]
	if !strings.HasPrefix(rip.Value, f.InstructionPointerReference) || !strings.Contains(rip.Value, "<count>") {
		t.Errorf("rip %q", rip.Value)
	}
	for text, want := range map[string]string{"$rdi": "0x1", "1+2*3": "7", "u64[counter]": "", "count": f.InstructionPointerReference + " <count>"} {
		if want == "" {
			c.Fails("evaluate", A{"expression": text, "context": "watch"})
		} else if got := evaluate(c, text); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}

	// Exactly as many instructions as asked for, before, around and behind; those before meet.
	for _, offset := range []int{0, -3, -40, 10, -60000} {
		list := daptest.Do[godap.DisassembleResponseBody](c, "disassemble", A{
			"memoryReference": f.InstructionPointerReference, "instructionOffset": offset, "instructionCount": 50,
		}).Instructions
		if len(list) != 50 {
			t.Fatalf("offset %d: %d instructions", offset, len(list))
		}
		if i := -offset; i >= 0 && i < 50 && list[i].Address != f.InstructionPointerReference {
			t.Errorf("offset %d: number %d is at %s, not %s", offset, i, list[i].Address, f.InstructionPointerReference)
		}
		for i, in := range list[1:] {
			before := list[i]
			addr, _ := strconv.ParseUint(before.Address, 0, 64)
			if n := uint64(len(strings.Fields(before.InstructionBytes))); n > 0 && fmt.Sprintf("%#x", addr+n) != in.Address {
				t.Errorf("offset %d: %+v is followed by %+v", offset, before, in)
			}
		}
	}

	counter := strings.Fields(evaluate(c, "counter"))[0]
	m := daptest.Do[godap.ReadMemoryResponseBody](c, "readMemory", A{"memoryReference": counter, "count": 8})
	if data, err := base64.StdEncoding.DecodeString(m.Data); err != nil || len(data) != 8 || data[0] != 0 {
		t.Errorf("memory %+v: %v", m, err)
	}
	if m := daptest.Do[godap.ReadMemoryResponseBody](c, "readMemory", A{"memoryReference": "0x8", "count": 16}); m.UnreadableBytes != 16 {
		t.Errorf("memory at 8: %+v", m)
	}
	modules := daptest.Do[godap.ModulesResponseBody](c, "modules", A{}).Modules
	if len(modules) < 3 || !slices.ContainsFunc(modules, func(m godap.Module) bool { return m.Path == program }) {
		t.Errorf("modules %+v", modules)
	}
	if list := daptest.Do[godap.LoadedSourcesResponseBody](c, "loadedSources", nil).Sources; slices.ContainsFunc(list, func(s godap.Source) bool { return s.Name == "crash.c" }) {
		t.Error("the program has sources")
	}
	for text, want := range map[string]string{"$ra": "$rax", "coun": "counter", "rever": "reverse-step", "1+mai": "main"} {
		targets := daptest.Do[godap.CompletionsResponseBody](c, "completions", A{"text": text, "column": len(text) + 1}).Targets
		if !slices.ContainsFunc(targets, func(i godap.CompletionItem) bool { return i.Label == want }) {
			t.Errorf("completions of %s: %+v", text, targets)
		}
	}
	for command, arguments := range map[string]A{
		"setVariable": {"variablesReference": 1, "name": "rax", "value": "1"}, "writeMemory": {"memoryReference": "0x1", "data": "AAA="},
		"goto": {"threadId": 1, "targetId": 1}, "attach": {}, "variables": {"variablesReference": 99999}, "scopes": {"frameId": 99999},
		"stackTrace": {"threadId": 99999}, "next": {"threadId": 99999}, "launch": {}, "initialize": {"adapterID": "x"},
	} {
		c.Fails(command, arguments)
	}
	disconnect(c)
}

// Steps over, into and out of calls, in both directions.
func TestSteps(t *testing.T) {
	program := compile(t, "crash")
	c := connect(t, config(t))
	s := begin(t, c, A{"program": program, "args": []string{"x"}}, "count")
	inCount := now(c)
	thread := A{"threadId": s.ThreadID, "granularity": "instruction"}

	c.Move("stepOut", thread)
	if f := top(c, s.ThreadID); f.Name != "main" {
		t.Errorf("out is %+v", f)
	}
	behind := now(c)
	setFunctions(c) // they would be hit in what is stepped over
	c.Move("stepBack", thread)
	atCall := now(c)
	if f := top(c, s.ThreadID); f.Name != "main" {
		t.Errorf("back over the call is %+v", f)
	}
	c.Move("next", thread)
	if at := now(c); at != behind {
		t.Errorf("next over the call goes to %s, not %s", at, behind)
	}
	c.Move("stepback/reverseStepIn", thread)
	c.Event("continued")
	if f := top(c, s.ThreadID); f.Name != "count" {
		t.Errorf("back into the call is %+v", f)
	}
	frame := top(c, s.ThreadID)
	c.Move("restartFrame", A{"frameId": frame.Id})
	if at := now(c); at != inCount {
		t.Errorf("the frame begins at %s, not %s", at, inCount)
	}
	c.Move("stepIn", thread)
	c.Move("stepback/reverseStepOut", thread)
	if at := now(c); at != atCall {
		t.Errorf("back out goes to %s, not %s", at, atCall)
	}
	// Many steps there and back.
	var there []string
	for range 15 {
		there = append(there, now(c))
		c.Move("next", thread)
	}
	for _, want := range slices.Backward(there) {
		c.Move("stepBack", thread)
		if at := now(c); at != want {
			t.Fatalf("back at %s, not %s", at, want)
		}
	}
	disconnect(c)
}

// Who wrote this?
func TestData(t *testing.T) {
	program := compile(t, "crash")
	c := connect(t, config(t))
	s := begin(t, c, A{"program": program, "args": []string{"x"}, "startAt": "end"})
	info := daptest.Do[godap.DataBreakpointInfoResponseBody](c, "dataBreakpointInfo", A{"name": "counter", "bytes": 8})
	if info.DataId == nil {
		info = daptest.Do[godap.DataBreakpointInfoResponseBody](c, "dataBreakpointInfo", A{"name": "counter"})
	}
	if info.DataId == nil {
		c.Move("stepback/goto", A{"time": "start"})
		t.Fatalf("%+v", info)
	}
	points := daptest.Do[dap.Breakpoints](c, "setDataBreakpoints", A{"breakpoints": []A{{"dataId": info.DataId, "accessType": "write"}}}).Breakpoints
	if !points[0].Verified {
		t.Fatalf("%+v", points)
	}
	var back []string
	for s := c.Move("reverseContinue", A{"threadId": s.ThreadID}); s.Reason == "data breakpoint"; s = c.Move("reverseContinue", A{"threadId": s.ThreadID}) {
		back = append([]string{now(c)}, back...)
		if f := top(c, s.ThreadID); f.Name != "count" && len(back) < 5 {
			t.Errorf("written in %s", f.Name)
		}
	}
	c.Move("stepback/goto", A{"time": "start"})
	var there []string
	for s := c.Move("continue", A{"threadId": s.ThreadID}); s.Reason == "data breakpoint"; s = c.Move("continue", A{"threadId": s.ThreadID}) {
		there = append(there, now(c))
	}
	if len(there) < 5 || !slices.Equal(there, back) {
		t.Errorf("written at %v, back at %v", there, back)
	}
	c.Move("stepback/lastWrite", A{"expression": "counter"})
	if at := now(c); at != there[len(there)-1] {
		t.Errorf("last written at %s, not %v", at, there)
	}
	c.Fails("setDataBreakpoints", A{"breakpoints": []A{{"dataId": "nonsense"}}})
	disconnect(c)
}
