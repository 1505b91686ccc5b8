package pack

import (
	"encoding/binary"
	"errors"
	"strings"
)

// ErrCorrupt says that bytes are not what this package wrote.
var ErrCorrupt = errors.New("packed data is corrupt")

// coder goes through the fields of a value, writing them to out or, when
// reading, setting them from in. A writer changes nothing of the value, not
// even to what it is: others may be reading it.
//
// Who reads what is corrupt need not look at each step: the coder then notes
// that it is bad and goes on as if at the end of the input, where all is zero.
// Every list is bounded by what is left to read, so that this ends soon.
type coder struct {
	names   *Names
	known   []string // the names by the time reading began
	owner   string   // the customer's ID
	reading bool
	bad     bool // what was read is corrupt
	out     []byte
	in      string // what is read
	at      int    // how much of it was; moving a number costs less than cutting a text
	clock   clock
}

// fail notes that what is read is corrupt, and leaves nothing to read.
func (c *coder) fail() { c.bad, c.at = true, len(c.in) }

// left returns how many bytes are left to read.
func (c *coder) left() uint64 { return uint64(len(c.in) - c.at) }

// err is asked when all was read: then nothing may be left.
func (c *coder) err() error {
	if c.bad || c.left() > 0 {
		return ErrCorrupt
	}
	return nil
}

func (c *coder) readUint() uint64 {
	if c.at < len(c.in) {
		if b := c.in[c.at]; b < 0x80 { // as most are
			c.at++
			return uint64(b)
		}
	}
	v, n := uvarint(c.in[c.at:])
	if n == 0 {
		c.fail()
		return 0
	}
	c.at += n
	return v
}

// take reads the next n bytes. They share memory with what is read: to unpack
// makes lists, but no texts.
func (c *coder) take(n uint64) string {
	if n > c.left() {
		c.fail()
		return ""
	}
	from := c.at
	c.at += int(n)
	return c.in[from:c.at]
}

func (c *coder) uint(v *uint64) {
	if c.reading {
		*v = c.readUint()
		return
	}
	c.out = binary.AppendUvarint(c.out, *v)
}

func (c *coder) int(v *int64) {
	u := zigzag(*v)
	c.uint(&u)
	if c.reading {
		*v = unzigzag(u)
	}
}

// zigzag keeps small numbers of either sign small: 0, -1, 1, -2 are 0, 1, 2, 3.
func zigzag(v int64) uint64 { return uint64(v)<<1 ^ uint64(v>>63) }

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

func (c *coder) byte(b *byte) {
	if !c.reading {
		c.out = append(c.out, *b)
		return
	}
	if c.left() == 0 {
		c.fail()
		return
	}
	*b = c.in[c.at]
	c.at++
}

// text codes what differs from customer to customer: IDs, addresses, what is
// written to people. IDs of runs and deliveries begin with the owner's, which is
// left out; to read one that does is the only thing that makes a text.
func (c *coder) text(s *string) {
	if c.reading {
		*s = c.readText()
		return
	}
	rest, owned := *s, uint64(0)
	if c.owner != "" && strings.HasPrefix(*s, c.owner) {
		rest, owned = (*s)[len(c.owner):], 1
	}
	c.out = binary.AppendUvarint(c.out, uint64(len(rest))<<1|owned)
	c.out = append(c.out, rest...)
}

func (c *coder) readText() string {
	v := c.readUint()
	s := c.take(v >> 1)
	if v&1 == 1 {
		return c.owner + s
	}
	return s
}

// skipText reads a text without making it.
func (c *coder) skipText() { c.take(c.readUint() >> 1) }

// name codes a text that recurs in many customers, and numbers it: what is
// defined (segments, stages, triggers) or is one of few (sources, locales).
func (c *coder) name(s *string) {
	if c.reading {
		*s = c.readName()
		return
	}
	i, ok := c.names.add(*s)
	c.writeName(*s, i, ok)
}

// word codes a text that may or may not recur, such as a reason or a value: it
// is a number if it happens to be a name, but does not become one. Otherwise
// free text would fill the table.
func (c *coder) word(s *string) {
	if c.reading {
		*s = c.readName()
		return
	}
	i, ok := c.names.find(*s)
	c.writeName(*s, i, ok)
}

func (c *coder) writeName(s string, i uint64, numbered bool) {
	if numbered {
		c.out = binary.AppendUvarint(c.out, i<<1|1)
		return
	}
	c.out = binary.AppendUvarint(c.out, uint64(len(s))<<1)
	c.out = append(c.out, s...)
}

func (c *coder) readName() string {
	v := c.readUint()
	if v&1 == 0 {
		return c.take(v >> 1)
	}
	if v>>1 >= uint64(len(c.known)) {
		c.fail()
		return ""
	}
	return c.known[v>>1]
}

// repeat codes each element of a list, which has any, by the given function.
func repeat[T any](c *coder, list *[]T, each func(*coder, *T)) {
	n := uint64(len(*list))
	c.uint(&n)
	if c.reading {
		if n == 0 || n > c.left() { // an element takes at least a byte
			c.fail()
			return
		}
		if n <= uint64(cap(*list)) {
			*list = (*list)[:n]
		} else {
			*list = make([]T, n)
		}
	}
	for i := range *list {
		each(c, &(*list)[i])
	}
}
