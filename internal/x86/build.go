package x86

import (
	"fmt"
	"strings"
	"sync"
)

// The tables, as built from their texts.
var (
	rows  = []row{{attr: undefined}}
	nodes []node

	legacyRoots [4]*[256]node // by Map
	roots3DNow  *[256]node
	vexRoots    [8]*[256]node // by Map too; nil where there is none
	evexRoots   [8]*[256]node
	xopRoots    [11]*[256]node
)

// tablesOnce builds them when they are needed first: most commands never decode anything.
var tablesOnce sync.Once

func buildTables() {
	b := builder{rowNumbers: map[row]uint16{}}
	legacyRoots = [4]*[256]node{
		b.build(tableOneByte + tableX87), b.build(table0F), b.build(table0F38), b.build(table0F3A),
	}
	roots3DNow = b.build(table3DNow)
	b.vector = true
	vexRoots = [8]*[256]node{1: b.build(tableVEX1), 2: b.build(tableVEX2), 3: b.build(tableVEX3), 7: b.build(tableVEX7)}
	evexRoots = [8]*[256]node{
		1: b.build(tableEVEX1), 2: b.build(tableEVEX2), 3: b.build(tableEVEX3),
		5: b.build(tableEVEX5), 6: b.build(tableEVEX6),
	}
	xopRoots = [11]*[256]node{8: b.build(tableXOP8), 9: b.build(tableXOP9), 10: b.build(tableXOP10)}
}

// A builder turns texts into trees.
type builder struct {
	vector     bool           // the width of operands is that of vectors: VEX, EVEX, XOP
	rowNumbers map[row]uint16 // finds equal rows
}

// build makes the roots of one opcode map from its text (doc.go explains it).
func (b *builder) build(text string) *[256]node {
	var byOpcode [256][]*line
	for l := range strings.SplitSeq(text, "\n") {
		parse(l, &byOpcode, b.vector)
	}
	roots := new([256]node)
	for opcode, lines := range byOpcode {
		roots[opcode] = b.tree(lines, 0)
		for _, l := range lines {
			roots[opcode].modRM = l.modRM()
			if l.modRM() != lines[0].modRM() {
				panic(fmt.Sprintf("x86: opcode %02x with and without ModRM", opcode))
			}
		}
	}
	return roots
}

// tree makes the node that tells lines apart by the dimensions from by on.
func (b *builder) tree(lines []*line, by dimension) node {
	for ; by < leaf; by++ {
		for i := range lines {
			if lines[i].where[by] != everything.where[by] {
				return b.branch(lines, by)
			}
		}
	}
	switch len(lines) {
	case 0:
		return node{by: leaf}
	case 1:
		return node{by: leaf, index: b.number(lines[0].row)}
	}
	panic(fmt.Sprintf("x86: two instructions with the same encoding: %+v, %+v", *lines[0], *lines[1]))
}

func (b *builder) branch(lines []*line, by dimension) node {
	children := make([]node, dimensionSize[by])
	for value := range children {
		var matching []*line
		for _, l := range lines {
			if l.where[by]>>value&1 != 0 {
				matching = append(matching, l)
			}
		}
		children[value] = b.tree(matching, by+1)
	}
	index := len(nodes)
	nodes = append(nodes, children...)
	return node{by: by, index: uint16(index)}
}

func (b *builder) number(r row) uint16 {
	n, ok := b.rowNumbers[r]
	if !ok {
		n = uint16(len(rows))
		rows = append(rows, r)
		b.rowNumbers[r] = n
	}
	return n
}
