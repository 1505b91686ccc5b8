package pack

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// A table must not grow with the number of customers, whatever callers use as
// names; beyond these bounds names are spelt out where they stand.
const (
	maxNames   = 1 << nameBits
	maxNameLen = 64
)

// Names numbers the names that recur. One goroutine at a time may pack with it,
// any number may unpack at the same time.
type Names struct {
	list  atomic.Pointer[[]string] // only ever appended to
	index map[string]uint64
	seed  maphash.Seed // of what has no number
}

// NewNames returns an empty table.
func NewNames() *Names {
	n := &Names{index: make(map[string]uint64), seed: maphash.MakeSeed()}
	n.list.Store(new([]string))
	return n
}

// table returns the names known by now.
func (n *Names) table() []string {
	if n == nil {
		return nil
	}
	return *n.list.Load()
}

// find returns the number of the name, if it has one.
func (n *Names) find(name string) (uint64, bool) {
	if n == nil {
		return 0, false
	}
	i, ok := n.index[name]
	return i, ok
}

// add returns the number of the name, which it gets if there is room.
func (n *Names) add(name string) (uint64, bool) {
	if i, ok := n.find(name); ok || n == nil {
		return i, ok
	}
	old := n.table()
	if len(old) == maxNames || len(name) > maxNameLen {
		return 0, false
	}
	name = strings.Clone(name) // it may be part of something large
	grown := append(old, name) // readers of old never look beyond its length
	n.list.Store(&grown)
	n.index[name] = uint64(len(old))
	return uint64(len(old)), true
}
