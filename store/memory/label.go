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
	of   map[uint64]members
	free *btree.FreeListG[*entry]
	was  []uint64 // scratch space of move
	is   []uint64
}

// members are the customers with one label. Most contacts have one customer, so
// one alone stands here without a tree.
type members struct {
	one  *entry
	many *btree.BTreeG[*entry]
}

func newLabels() labels {
	return labels{
		seed: maphash.MakeSeed(),
		of:   make(map[uint64]members),
		free: btree.NewFreeListG[*entry](btree.DefaultFreeListSize),
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
func (l *labels) find(x label) members { return l.of[maphash.Comparable(l.seed, x)] }

func (l *labels) add(hash uint64, e *entry) {
	m := l.of[hash]
	if m == (members{}) || m.one == e {
		l.of[hash] = members{one: e}
		return
	}
	if m.many == nil {
		m.many = btree.NewWithFreeListG(degree, beforeByID, l.free)
		m.many.ReplaceOrInsert(m.one)
		l.of[hash] = members{many: m.many}
	}
	m.many.ReplaceOrInsert(e)
}

func (l *labels) remove(hash uint64, e *entry) {
	m := l.of[hash]
	if m.many != nil {
		m.many.Delete(e)
	}
	if m.one == e || m.many != nil && m.many.Len() == 0 {
		delete(l.of, hash)
	}
}

// set adds or removes one label.
func (l *labels) set(x label, e *entry, has bool) {
	hash := maphash.Comparable(l.seed, x)
	if has {
		l.add(hash, e)
	} else {
		l.remove(hash, e)
	}
}

// move takes the customer from the labels of one record to those of another;
// nil has none.
func (l *labels) move(e *entry, from, to *store.Record) {
	l.was = l.ofRecord(l.was[:0], from)
	l.is = l.ofRecord(l.is[:0], to)
	for _, hash := range l.was {
		if _, still := slices.BinarySearch(l.is, hash); !still {
			l.remove(hash, e)
		}
	}
	for _, hash := range l.is {
		if _, already := slices.BinarySearch(l.was, hash); !already {
			l.add(hash, e)
		}
	}
}

// ofRecord appends the labels of a record to out, in order, each once.
func (l *labels) ofRecord(out []uint64, r *store.Record) []uint64 {
	if r == nil {
		return out
	}
	note := func(kind labelKind, value, more string) {
		out = append(out, maphash.Comparable(l.seed, label{kind, value, more}))
	}
	for i := range r.Cycles {
		note(inPipeline, r.Cycles[i].Pipeline, "")
		if r.Cycles[i].Stage != "" {
			note(inStage, r.Cycles[i].Pipeline, r.Cycles[i].Stage)
		}
	}
	for i := range r.Segments {
		note(inSegment, r.Segments[i].Segment, "")
	}
	if r.Customer.Manager != "" {
		note(withManager, r.Customer.Manager, "")
	}
	for _, tag := range r.Customer.Tags {
		note(withTag, tag, "")
	}
	for _, contact := range slices.Concat(r.Customer.Emails, r.Customer.Phones) {
		note(withContact, contact, "")
	}
	slices.Sort(out)
	return slices.Compact(out)
}
