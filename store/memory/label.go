package memory

import (
	"slices"

	"github.com/google/btree"

	"github.com/regulars-go/regulars/store/internal/pack"
)

// labels finds the customers that have a label, in the order of their IDs. Two
// labels may, if hardly ever, be one number: whoever looks customers up checks
// their records.
type labels struct {
	one  map[pack.Label]*entry // most contacts have one customer, who needs no tree
	many map[pack.Label]*btree.BTreeG[*entry]
	free *btree.FreeListG[*entry] // of all trees, so that a small one does not keep its own

	was, is []pack.Label // scratch space of who calls move
}

// newLabels returns the index of a store without customers.
func newLabels() labels {
	return labels{
		one:  make(map[pack.Label]*entry),
		many: make(map[pack.Label]*btree.BTreeG[*entry]),
		free: btree.NewFreeListG[*entry](btree.DefaultFreeListSize),
	}
}

// find returns the customers with the label.
func (l *labels) find(x pack.Label) members { return members{l.one[x], l.many[x]} }

// add gives the customer a label. The second customer of a label makes it a
// tree, which it remains until the last has gone.
func (l *labels) add(x pack.Label, e *entry) {
	tree := l.many[x]
	if tree == nil {
		first, taken := l.one[x]
		if !taken || first == e {
			l.one[x] = e
			return
		}
		tree = btree.NewWithFreeListG(degree, beforeByID, l.free)
		tree.ReplaceOrInsert(first)
		l.many[x] = tree
		delete(l.one, x)
	}
	tree.ReplaceOrInsert(e)
}

// remove takes a label from the customer, who has it or has just lost it.
func (l *labels) remove(x pack.Label, e *entry) {
	tree := l.many[x]
	if tree == nil {
		delete(l.one, x)
		return
	}
	tree.Delete(e)
	if tree.Len() == 0 {
		delete(l.many, x)
	}
}

// move takes the customer from some labels to others. Nearly all of them are
// the same, in the same order, and so a look at the two ends leaves few to
// compare. A label may be there twice: it goes when it is there no more, and to
// add or remove it again does nothing.
func (l *labels) move(e *entry, was, is []pack.Label) {
	from, to := was, is
	for len(from) > 0 && len(to) > 0 && from[0] == to[0] {
		from, to = from[1:], to[1:]
	}
	for len(from) > 0 && len(to) > 0 && from[len(from)-1] == to[len(to)-1] {
		from, to = from[:len(from)-1], to[:len(to)-1]
	}
	for _, x := range from {
		if !slices.Contains(is, x) {
			l.remove(x, e)
		}
	}
	for _, x := range to {
		if !slices.Contains(was, x) {
			l.add(x, e)
		}
	}
}
