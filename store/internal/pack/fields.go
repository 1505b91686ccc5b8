package pack

import "time"

// fields codes the fields of one value in order, at most 16 of them: first a
// bit for each that says whether it is there, then those that are. Every call
// of a method is the next field, so that what is called, and in which order,
// must not depend on the value.
//
// Reading sets every field, also to zero: what is read into may hold another
// value.
type fields struct {
	c    *coder
	at   int    // where the bits are written
	bit  int    // of the next field, when writing
	bits uint16 // of the fields to come, when reading
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
	if f.c.reading {
		return f.next()
	}
	if set {
		f.c.out[f.at+f.bit/8] |= 1 << (f.bit % 8)
	}
	f.bit++
	return set
}

// next reads a bit.
func (f *fields) next() bool {
	set := f.bits&1 != 0
	f.bits >>= 1
	return set
}

func (f *fields) text(s *string) {
	switch {
	case !f.c.reading:
		if f.flag(*s != "") {
			f.c.text(s)
		}
	case f.next():
		*s = f.c.readText()
	default:
		*s = ""
	}
}

func (f *fields) name(s *string) {
	switch {
	case !f.c.reading:
		if f.flag(*s != "") {
			f.c.name(s)
		}
	case f.next():
		*s = f.c.readName()
	default:
		*s = ""
	}
}

func (f *fields) word(s *string) {
	switch {
	case !f.c.reading:
		if f.flag(*s != "") {
			f.c.word(s)
		}
	case f.next():
		*s = f.c.readName()
	default:
		*s = ""
	}
}

func (f *fields) time(t *time.Time) {
	switch {
	case !f.c.reading:
		if f.flag(!t.IsZero()) {
			f.c.writeTime(t.UnixMicro())
		}
	case f.next():
		*t = time.UnixMicro(f.c.readTime()).UTC()
	default:
		*t = time.Time{}
	}
}

func (f *fields) int64(n *int64) {
	switch {
	case !f.c.reading:
		if f.flag(*n != 0) {
			f.c.int(n)
		}
	case f.next():
		*n = unzigzag(f.c.readUint())
	default:
		*n = 0
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
	} else if f.c.reading {
		*b = 0
	}
}

// list codes a list that may be empty. It is a function because methods have no
// type parameters.
func list[T any](f *fields, items *[]T, each func(*coder, *T)) {
	if f.flag(len(*items) > 0) {
		repeat(f.c, items, each)
	} else if f.c.reading {
		*items = (*items)[:0]
	}
}
