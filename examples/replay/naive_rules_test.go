package main

import (
	"cmp"
	"hash/fnv"
	"slices"
	"time"
)

// The rules of segments, worked out from what segment/README.md says of them,
// for one customer and instant at a time, with nothing of the library.

// past is what a customer has bought by now, in order.
type past struct {
	id  string
	now time.Time
	all []bought
}

// rule says whether a customer is in a segment.
type rule func(past) bool

// after adds a length of time to an instant.
type after func(time.Time) time.Time

func days(n int) after { return func(t time.Time) time.Time { return t.AddDate(0, 0, n) } }

// months adds months, not beyond the end of the month.
func months(n int) after {
	return func(t time.Time) time.Time { return plusMonths(t, n) }
}

// until returns the past as it was at an earlier instant, or will be at a later
// one if nothing more is bought.
func (p past) until(now time.Time) past {
	n := len(p.all)
	for n > 0 && p.all[n-1].at.After(now) {
		n--
	}
	return past{p.id, now, p.all[:n]}
}

// of keeps some of the purchases.
func (p past) of(keep func(*bought) bool) past {
	var kept []bought
	for i := range p.all {
		if keep(&p.all[i]) {
			kept = append(kept, p.all[i])
		}
	}
	return past{p.id, p.now, kept}
}

// within keeps those in a trailing window.
func (p past) within(d after) past {
	return p.of(func(b *bought) bool { return p.now.Before(d(b.at)) })
}

// from keeps those from one day on, before another.
func (p past) from(first, end string) past {
	return p.of(func(b *bought) bool { return onDays(b.at, first, end) })
}

func onDays(at time.Time, first, end string) bool {
	day := at.Format("2006-01-02")
	return first <= day && day < end
}

func (p past) paid(least, most int64) past {
	return p.of(func(b *bought) bool { return least <= b.cents && b.cents <= most })
}

// items keeps purchases with such lines, as far as these go.
func (p past) items(keep func(boughtLine) bool) past {
	var kept []bought
	for _, b := range p.all {
		b.lines = slices.DeleteFunc(slices.Clone(b.lines), func(l boughtLine) bool { return !keep(l) })
		if len(b.lines) == 0 {
			continue
		}
		b.cents = 0
		for _, l := range b.lines {
			b.cents += l.cents
		}
		kept = append(kept, b)
	}
	return past{p.id, p.now, kept}
}

func (p past) skus(skus ...string) past {
	return p.items(func(l boughtLine) bool { return slices.Contains(skus, l.sku) })
}

// pieces keeps purchases of at least so many.
func (p past) pieces(least int64) past {
	return p.of(func(b *bought) bool {
		n := int64(0)
		for _, l := range b.lines {
			n += l.pieces
		}
		return n >= least
	})
}

func (p past) count() int { return len(p.all) }

func (p past) total() (sum int64) {
	for _, b := range p.all {
		sum += b.cents
	}
	return sum
}

// average is rounded down; it is below zero where there is none.
func (p past) average() int64 {
	if len(p.all) == 0 {
		return -1
	}
	return p.total() / int64(len(p.all))
}

func (p past) largest() int64 {
	return slices.MaxFunc(p.all, byCents).cents
}

func (p past) smallest() int64 {
	return slices.MinFunc(p.all, byCents).cents
}

func byCents(a, b bought) int { return cmp.Compare(a.cents, b.cents) }

// names counts the different SKUs.
func (p past) names() int {
	seen := make(map[string]bool)
	for _, b := range p.all {
		for _, l := range b.lines {
			seen[l.sku] = true
		}
	}
	return len(seen)
}

// ago tells whether the last purchase is that long ago, or longer.
func (p past) ago(d after) bool {
	return len(p.all) > 0 && !p.now.Before(d(p.last()))
}

// lately tells whether the last purchase is not that long ago.
func (p past) lately(d after) bool { return len(p.within(d).all) > 0 }

func (p past) first() time.Time { return p.all[0].at }

func (p past) last() time.Time { return p.all[len(p.all)-1].at }

// gaps are the intervals from one purchase to the next, in order of length.
func (p past) gaps() []time.Duration {
	var gaps []time.Duration
	for i := 1; i < len(p.all); i++ {
		gaps = append(gaps, p.all[i].at.Sub(p.all[i-1].at))
	}
	slices.Sort(gaps)
	return gaps
}

func (p past) medianGap() time.Duration {
	gaps := p.gaps()
	n := len(gaps)
	if n%2 == 1 {
		return gaps[n/2]
	}
	return ((gaps[n/2-1] + gaps[n/2]) / 2).Truncate(time.Microsecond)
}

// lapsed tells whether so many, half ones, of the median interval have passed.
func (p past) lapsed(halves int) bool {
	return len(p.all) > 1 && !p.now.Before(p.last().Add(p.medianGap()*time.Duration(halves)/2))
}

// score counts points, from 1 on.
func score(points ...bool) int {
	n := 1
	for _, p := range points {
		if p {
			n++
		}
	}
	return n
}

// reaches tells which thresholds of a scale are reached.
func reaches[N int | int64](n N, thresholds ...N) (points []bool) {
	for _, t := range thresholds {
		points = append(points, n >= t)
	}
	return points
}

// follows returns when the first of then follows a purchase; the same one does
// not. It is zero where none does.
func follows(first bought, then past) time.Time {
	for _, b := range then.all {
		if b.nth != first.nth && !b.at.Before(first.at) {
			return b.at
		}
	}
	return time.Time{}
}

// followed tells whether one of firsts, in a trailing window, was followed soon
// enough.
func followed(firsts, then past, in after) bool {
	return slices.ContainsFunc(firsts.all, func(b bought) bool {
		at := follows(b, then)
		return !at.IsZero() && at.Before(in(b.at))
	})
}

// tooLate tells whether one of firsts was not followed soon enough.
func tooLate(firsts, then past, in after) bool {
	return slices.ContainsFunc(firsts.all, func(b bought) bool {
		at := follows(b, then)
		return !firsts.now.Before(in(b.at)) && (at.IsZero() || !at.Before(in(b.at)))
	})
}

// unanswered tells whether one of firsts was not followed at all, for that long
// at least.
func unanswered(firsts, then past, in after) bool {
	return slices.ContainsFunc(firsts.all, func(b bought) bool {
		return !firsts.now.Before(in(b.at)) && follows(b, then).IsZero()
	})
}

// drawn is the number from 0 up to 1 that belongs to a customer under a salt. It
// stays the same for good, so it is pinned here.
func drawn(salt, id string) float64 {
	h := fnv.New64a()
	h.Write([]byte(salt + "\x00" + id))
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}

// sticky is a segment with another way out than in, or with a least stay.
type sticky struct {
	enter, exit rule
	stay        after   // nil: none
	edges       []after // what behind a purchase the rules can flip at
}

// holds goes through everything that ever happened to the customer.
func (s sticky) holds(p past) bool {
	var instants []time.Time
	for _, b := range p.all {
		instants = append(instants, b.at)
		for _, edge := range s.edges {
			instants = append(instants, edge(b.at))
		}
	}
	member, since := false, time.Time{}
	settle := func(at time.Time, known []bought) {
		q := past{p.id, at, known}
		switch {
		case member && s.stay != nil && at.Before(s.stay(since)):
		case member:
			member = !s.exit(q)
		case s.enter(q) && !s.exit(q):
			member, since = true, at
			if s.stay != nil {
				instants = append(instants, s.stay(since))
			}
		}
	}
	for len(instants) > 0 {
		now := slices.MinFunc(instants, time.Time.Compare)
		if now.After(p.now) {
			break
		}
		instants = slices.DeleteFunc(instants, now.Equal)
		n := 0
		for n < len(p.all) && p.all[n].at.Before(now) {
			n++
		}
		settle(now, p.all[:n]) // what the clock does comes first
		for ; n < len(p.all) && p.all[n].at.Equal(now); n++ {
			settle(now, p.all[:n+1])
		}
	}
	return member
}
