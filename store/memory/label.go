package memory

import (
	"hash/maphash"
	"slices"

	"github.com/google/btree"

	"github.com/regulars-go/regulars/store"
)

// label is something that customers are looked up by.
type label struct {
	kind        labelKind
	value, more string
}

type labelKind uint8

const (
	inPipeline labelKind = iota
	inStage              // more is the stage
	inSegment
	withManager
	withTag
	withContact
	withMail // value is the name of a store.DeliveryState; empty: any
)

// labels finds the customers that have a label. Labels are kept as hashes:
// should two ever collide, a look-up meets customers too many, which it sorts
// out when it checks their records.
type labels struct {
	seed maphash.Seed
	one  map[uint64]*entry // most contacts have one customer, who needs no tree
	many map[uint64]*btree.BTreeG[*entry]
	free *btree.FreeListG[*entry]
	was  []label // scratch space of move
	is   []label
}

// members are the customers with one label.
type members struct {
	one  *entry
	many *btree.BTreeG[*entry]
}

func newLabels() labels {
	return labels{
		seed: maphash.MakeSeed(),
		one:  make(map[uint64]*entry),
		many: make(map[uint64]*btree.BTreeG[*entry]),
		free: btree.NewFreeListG[*entry](btree.DefaultFreeListSize),
	}
}

// ascend calls each with the customers whose IDs are greater than after, in
// order, until it returns false.
func (m members) ascend(after string, each func(*entry) bool) {
	switch {
	case m.one != nil && m.one.id > after:
		each(m.one)
	case m.many != nil:
		first := &entry{id: after}
		m.many.AscendGreaterOrEqual(first, func(e *entry) bool { return e.id == after || each(e) })
	}
}

func (m members) len() int {
	switch {
	case m.many != nil:
		return m.many.Len()
	case m.one != nil:
		return 1
	}
	return 0
}

// find returns the customers with the label.
func (l *labels) find(x label) members {
	hash := l.hash(x)
	return members{l.one[hash], l.many[hash]}
}

func (l *labels) hash(x label) uint64 { return maphash.Comparable(l.seed, x) }

func (l *labels) add(hash uint64, e *entry) {
	tree := l.many[hash]
	if tree == nil {
		first, taken := l.one[hash]
		if !taken || first == e {
			l.one[hash] = e
			return
		}
		tree = btree.NewWithFreeListG(degree, beforeByID, l.free)
		tree.ReplaceOrInsert(first)
		l.many[hash] = tree
		delete(l.one, hash)
	}
	tree.ReplaceOrInsert(e)
}

func (l *labels) remove(hash uint64, e *entry) {
	if l.one[hash] == e {
		delete(l.one, hash)
	}
	if tree := l.many[hash]; tree != nil {
		tree.Delete(e)
		if tree.Len() == 0 {
			delete(l.many, hash)
		}
	}
}

// set adds or removes one label.
func (l *labels) set(x label, e *entry, has bool) {
	hash := l.hash(x)
	if has {
		l.add(hash, e)
	} else {
		l.remove(hash, e)
	}
}

// move takes the customer from the labels of one record to those of another.
// As a rule nearly all of them are the same and in the same order.
func (l *labels) move(e *entry, from, to *store.Record) {
	l.was = appendLabels(l.was[:0], from)
	l.is = appendLabels(l.is[:0], to)
	was, is := l.was, l.is
	for len(was) > 0 && len(is) > 0 && was[0] == is[0] {
		was, is = was[1:], is[1:]
	}
	for len(was) > 0 && len(is) > 0 && was[len(was)-1] == is[len(is)-1] {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	for _, x := range was {
		if !slices.Contains(l.is, x) {
			l.set(x, e, false)
		}
	}
	for _, x := range is {
		if !slices.Contains(l.was, x) {
			l.set(x, e, true)
		}
	}
}

// appendLabels appends the labels of a record to out.
func appendLabels(out []label, r *store.Record) []label {
	for i := range r.Cycles {
		c := &r.Cycles[i]
		out = append(out, label{inPipeline, c.Pipeline, ""})
		if c.Stage != "" {
			out = append(out, label{inStage, c.Pipeline, c.Stage})
		}
	}
	for i := range r.Segments {
		out = append(out, label{inSegment, r.Segments[i].Segment, ""})
	}
	if r.Customer.Manager != "" {
		out = append(out, label{withManager, r.Customer.Manager, ""})
	}
	for _, tag := range r.Customer.Tags {
		out = append(out, label{withTag, tag, ""})
	}
	for _, mail := range r.Customer.Emails {
		out = append(out, label{withContact, mail, ""})
	}
	for _, phone := range r.Customer.Phones {
		out = append(out, label{withContact, phone, ""})
	}
	return out
}
