package segment

import (
	"math"
	"slices"
	"time"
)

// clock knows how the clocks of one zone go, in the stretches of time in which
// they show the same offset. A sum on the calendar then costs little more than
// an addition; [time.Time] looks the zone up anew each time. Instants and
// lengths are microseconds.
type clock struct {
	zone *time.Location
	eras []era // one behind the other without a gap; they grow as they are asked for
	last int   // the place of the era that was found last
}

// era is a stretch of time, start ≤ t < end, in which clocks show t + offset.
type era struct{ start, end, offset int64 }

// The years that a clock keeps; what is asked of others is left to time.Time.
var (
	clockFrom = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	clockTo   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
)

// find returns the place of the era of an instant that the clock keeps.
func (c *clock) find(t int64) int {
	if len(c.eras) == 0 {
		c.eras = append(c.eras, c.era(t))
	}
	for t < c.eras[c.last].start {
		if c.last--; c.last < 0 {
			before := c.era(c.eras[0].start - 1)
			before.end = c.eras[0].start
			c.eras, c.last = slices.Insert(c.eras, 0, before), 0
		}
	}
	for t >= c.eras[c.last].end {
		c.last = c.next(c.last)
	}
	return c.last
}

func (c *clock) next(i int) int {
	if i+1 == len(c.eras) {
		behind := c.era(c.eras[i].end)
		behind.start = c.eras[i].end
		c.eras = append(c.eras, behind)
	}
	return i + 1
}

func (c *clock) era(t int64) era {
	at := time.UnixMicro(t).In(c.zone)
	_, seconds := at.Zone()
	e := era{math.MinInt64 / 2, math.MaxInt64 / 2, int64(seconds) * 1e6}
	start, end := at.ZoneBounds()
	if !start.IsZero() {
		e.start = start.UnixMicro()
	}
	if !end.IsZero() {
		e.end = end.UnixMicro()
	}
	if e.end <= t {
		// In years beyond a zone's table of changes, the bounds of 31 December of a
		// leap year (clocks change on no such day) lie before it.
		e.end = t + (24 * time.Hour).Microseconds()
	}
	return e
}

// first returns the first instant from the i-th era on at which the clocks
// show what is asked or, where they skip it, the first after the gap.
func (c *clock) first(i int, asked int64) int64 {
	for asked-c.eras[i].offset >= c.eras[i].end {
		i = c.next(i)
	}
	return max(asked-c.eras[i].offset, c.eras[i].start)
}
