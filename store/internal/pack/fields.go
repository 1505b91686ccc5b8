package pack

import "time"

// fields codes the fields of one value in order, at most 16 of them: first a
// bit for each that says whether it is there, then those that are. Every call
// of a method is the next field, so that what is called, and in which order,
// must not depend on the value.
type fields struct {
	c    *coder
	at   int    // where the bits are written
	bits uint16 // as they were read
	bit  int    // of the next field
}

// fields begins a value of n fields. The bits are written as zeros, which flag
// sets one by one.
func (c *coder) fields(n int) fields {
	f := fields{c: c, at: len(c.out)}
	for i := range (n + 7) / 8 {
		var b byte
		c.byte(&b)
		f.bits |= uint16(b) << (8 * i)
	}
	return f
}

// flag codes a truth, in its bit alone: it returns what is written or, when
// reading, what was, whatever set is.
func (f *fields) flag(set bool) bool {
	bit := f.bit
	f.bit++
	if f.c.reading {
		return f.bits&(1<<bit) != 0
	}
	if set {
		f.c.out[f.at+bit/8] |= 1 << (bit % 8)
	}
	return set
}

func (f *fields) text(s *string) {
	if f.flag(*s != "") {
		f.c.text(s)
	}
}

func (f *fields) name(s *string) {
	if f.flag(*s != "") {
		f.c.name(s)
	}
}

func (f *fields) word(s *string) {
	if f.flag(*s != "") {
		f.c.word(s)
	}
}

func (f *fields) time(t *time.Time) {
	if f.flag(!t.IsZero()) {
		f.c.time(t)
	}
}

func (f *fields) int64(n *int64) {
	if f.flag(*n != 0) {
		f.c.int(n)
	}
}

func (f *fields) int(n *int) {
	wide := int64(*n)
	f.int64(&wide)
	if f.c.reading {
		*n = int(wide)
	}
}

func (f *fields) bool(b *bool) {
	if set := f.flag(*b); f.c.reading {
		*b = set
	}
}

func (f *fields) byte(b *byte) {
	if f.flag(*b != 0) {
		f.c.byte(b)
	}
}

// list codes a list that may be empty. It is a function because methods have no
// type parameters.
func list[T any](f *fields, items *[]T, each func(*coder, *T)) {
	if f.flag(len(*items) > 0) {
		repeat(f.c, items, each)
	}
}
