package adapter

import (
	"context"
	"fmt"
	"strings"

	godap "github.com/google/go-dap"

	"stepback/adapter/disasm"
	"stepback/internal/x86"
)

// maxInstructions is how many instructions are shown at once.
const maxInstructions = 1 << 16

// disassemble shows exactly as many instructions as are asked for. Those before the
// address are found by decoding from a function's beginning, since instructions cannot be decoded
// backwards.
func (s *session) disassemble(_ context.Context, a *godap.DisassembleArguments) (*godap.DisassembleResponseBody, error) {
	base, ok := parseAddress(a.MemoryReference)
	if !ok {
		return nil, argumentError("memoryReference %q is no address", a.MemoryReference)
	}
	count, skip := a.InstructionCount, a.InstructionOffset
	if count < 0 || count > maxInstructions || skip < -maxInstructions || skip > maxInstructions {
		return nil, argumentError("%d instructions from number %d on cannot be shown; ask for at most %d", count, skip, maxInstructions)
	}
	t, err := s.around(s.current)
	if err != nil {
		return nil, err
	}
	c := &code{thread: t}
	addr := base + uint64(small(a.Offset))
	body := &godap.DisassembleResponseBody{Instructions: make([]godap.DisassembledInstruction, 0, count)}
	if skip < 0 {
		before := c.before(addr, -skip)
		// Where too few are known, the rest is said to be none.
		for i := len(before); i < -skip && len(body.Instructions) < count; i++ {
			first := addr
			if len(before) > 0 {
				first = before[0]
			}
			body.Instructions = append(body.Instructions, nothing(first-uint64(-skip-i)))
		}
		for _, pc := range before {
			if len(body.Instructions) < count {
				in, _ := c.show(pc)
				body.Instructions = append(body.Instructions, in)
			}
		}
		skip = 0
	}
	for ; len(body.Instructions) < count; skip-- {
		in, n := c.show(addr)
		addr += uint64(n)
		if skip <= 0 {
			body.Instructions = append(body.Instructions, in)
		}
	}
	return body, nil
}

// code is a process's, read in pieces.
type code struct {
	thread *Thread
	from   uint64
	read   []byte
}

const codePiece = 4096

// at is the code at an address, up to the length of an instruction.
func (c *code) at(pc uint64) []byte {
	if pc < c.from || pc+disasm.MaxLen > c.from+uint64(len(c.read)) {
		piece := make([]byte, codePiece)
		c.from, c.read = pc, piece[:c.thread.Read(pc, piece)]
	}
	rest := c.read[min(pc-c.from, uint64(len(c.read))):]
	return rest[:min(len(rest), disasm.MaxLen)]
}

// show shows the instruction at pc, which is n bytes long.
func (c *code) show(pc uint64) (in godap.DisassembledInstruction, n int) {
	name := func(addr uint64) string { return c.thread.Space.Lookup(addr).String() }
	bytes := c.at(pc)
	text, n := disasm.Instruction(bytes, pc, name)
	if n == 0 {
		return nothing(pc), 1
	}
	return godap.DisassembledInstruction{
		Address: addressText(pc), Instruction: text, Symbol: name(pc),
		InstructionBytes: strings.TrimSpace(fmt.Sprintf("% x", bytes[:n])),
	}, n
}

func nothing(pc uint64) godap.DisassembledInstruction {
	return godap.DisassembledInstruction{Address: addressText(pc), Instruction: "(no memory)"}
}

// before are the addresses of up to n instructions before pc, the nearest last.
func (c *code) before(pc uint64, n int) (list []uint64) {
	for end := pc; len(list) < n; {
		part := c.stretch(end)
		if len(part) == 0 {
			break
		}
		list = append(part, list...)
		end = part[0]
	}
	return list[max(len(list)-n, 0):]
}

// stretch are the instructions right before end: from the beginning of the function that lies
// there, or where there is none, from the first place near that leads to end.
func (c *code) stretch(end uint64) []uint64 {
	if p := c.thread.Space.Lookup(end - 1); p.Symbol != "" {
		if list := c.between(end-1-p.Offset, end); list != nil {
			return list
		}
	}
	const near = 64
	for from := end - near; from != end; from++ {
		if list := c.between(from, end); list != nil {
			return list
		}
	}
	if len(c.at(end-1)) > 0 {
		return []uint64{end - 1}
	}
	return nil
}

// between are the addresses of instructions from one up to end, nil if none ends there.
func (c *code) between(from, end uint64) (list []uint64) {
	for from < end {
		var in x86.Inst
		if x86.Decode(c.at(from), &in) != nil {
			return nil
		}
		list = append(list, from)
		from += uint64(in.Len)
	}
	if from != end {
		return nil
	}
	return list
}
