package pack

import (
	"slices"
	"time"
)

// clock remembers the times of a value, in microseconds since 1970. Most of
// them are near the one before, which takes three to six bytes instead of eight,
// and many are one of those before again, which takes one: the purchase that
// opens a cycle is the last purchase, and what one is in segments since.
type clock struct {
	last  int64
	times [8]int64 // the latest, in a ring
	n     int      // of times that were remembered
}

// remember notes a time that may come again, in the place of the oldest.
func (k *clock) remember(at int64) {
	k.last = at
	k.times[k.n%len(k.times)] = at
	k.n++
}

// start forgets everything but a time to count from. Where a value can be read
// without those before it, it must not refer to them.
func (k *clock) start(from int64) { k.last, k.n = from, 0 }

// time codes an instant, zero or not; exactly to the microsecond, whatever its zone.
func (c *coder) time(t *time.Time) {
	if !c.reading {
		c.writeTime(t.UnixMicro())
		return
	}
	*t = time.UnixMicro(c.readTime()).UTC()
}

// A time is the difference to the last one, and a bit 0; or the place of a
// remembered one, from 1, and a bit 1; or, where the difference does not leave
// room for a bit, 0 and a bit 1, and then the difference.
func (c *coder) writeTime(at int64) {
	k := &c.clock
	delta := at - k.last
	if i := slices.Index(k.times[:min(k.n, len(k.times))], at); i >= 0 {
		v := uint64(i+1)<<1 | 1
		c.uint(&v)
		k.last = at
		return
	}
	if v := zigzag(delta); v < 1<<63 {
		v <<= 1
		c.uint(&v)
	} else {
		c.out = append(c.out, 1)
		c.int(&delta)
	}
	k.remember(at)
}

// readTime is the reverse of writeTime, and remembers what that remembered.
func (c *coder) readTime() int64 {
	k := &c.clock
	v := c.readUint()
	if v>>1 > uint64(min(k.n, len(k.times))) && v&1 == 1 {
		c.fail()
		return 0
	}
	if v > 1 && v&1 == 1 {
		k.last = k.times[v>>1-1]
		return k.last
	}
	delta := unzigzag(v >> 1)
	if v == 1 {
		c.int(&delta)
	}
	k.remember(k.last + delta)
	return k.last
}
