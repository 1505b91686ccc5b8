package pipeline_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/btree"
)

// bare is the yardstick of BenchmarkEngine/month: the same month of purchases
// over flat structs with the same hundred rules as closures, every flip and
// stage boundary taken at its time, and nothing else: no strings, no history, no
// timeline, no checks, no transactions. It is the ceiling, not a rival.
type bare struct {
	customers []bareCustomer
	due       *btree.BTreeG[bareDue]
	now       int64
	rng       *rand.Rand
	wakeUps   int
}

type bareCustomer struct {
	last, total, count int64
	stage              int
	in                 [2]uint64
	wake               int64
}

type bareDue struct {
	at int64
	i  int32
}

const (
	bareDay   = int64(24 * time.Hour / time.Microsecond)
	bareNever = math.MaxInt64
)

type bareRule func(c *bareCustomer, now int64) (bool, int64)

// bareRules mirrors benchSegments; those that depend on time come first.
var bareTimed, bareStill = func() (timed, still []bareRule) {
	for i := range int64(8) {
		timed = append(timed, func(*bareCustomer, int64) (bool, int64) { return i > 8, bareNever })
	}
	for i := range int64(11) {
		off, in, spent := (10+10*i)*bareDay, (5+5*i)*bareDay, i*50_00
		timed = append(timed, func(c *bareCustomer, now int64) (bool, int64) {
			if end := c.last + off; now < end {
				return false, end
			}
			return true, bareNever
		}, func(c *bareCustomer, now int64) (bool, int64) {
			if c.total < spent {
				return false, bareNever
			}
			if end := c.last + in; now < end {
				return true, end
			}
			return false, bareNever
		})
	}
	for i := range int64(30) {
		still = append(still,
			func(c *bareCustomer, _ int64) (bool, int64) { return c.total >= 20_00+i*30_00, bareNever },
			func(c *bareCustomer, _ int64) (bool, int64) { return c.count >= 3+i, bareNever })
	}
	return timed, still
}()

var bareStages = []int64{0, bareDay, 23 * bareDay, 30 * bareDay, 33 * bareDay, 90 * bareDay}

func newBare(n int) *bare {
	b := &bare{
		customers: make([]bareCustomer, n),
		due:       btree.NewG(32, func(x, y bareDue) bool { return x.at < y.at || (x.at == y.at && x.i < y.i) }),
		rng:       rand.New(rand.NewPCG(1, 2)),
	}
	for range 5 {
		for i := range b.customers {
			b.purchase(i)
		}
		b.pass(7 * bareDay)
	}
	return b
}

func (b *bare) purchase(i int) {
	c := &b.customers[i]
	c.total += int64(5_00 + b.rng.IntN(60_00))
	c.count++
	c.last = b.now
	flip := b.eval(c, bareStill, b.now, 30)
	b.rearm(i, b.now, min(flip, b.eval(c, bareTimed, b.now, 0)), false)
}

func (b *bare) eval(c *bareCustomer, rules []bareRule, now int64, at int) int64 {
	next := int64(bareNever)
	for k, rule := range rules {
		in, until := rule(c, now)
		bit := uint64(1) << ((at + k) % 64)
		if word := &c.in[(at+k)/64]; in {
			*word |= bit
		} else {
			*word &^= bit
		}
		next = min(next, until)
	}
	return next
}

// rearm leaves a wake-up that stands too early where it is.
func (b *bare) rearm(i int, now, next int64, woken bool) {
	c := &b.customers[i]
	for c.stage = 0; c.stage+1 < len(bareStages) && c.last+bareStages[c.stage+1] <= now; c.stage++ {
	}
	if c.stage+1 < len(bareStages) {
		next = min(next, c.last+bareStages[c.stage+1])
	}
	if !woken && c.wake > now && c.wake <= next {
		return
	}
	if c.wake != 0 {
		b.due.Delete(bareDue{c.wake, int32(i)})
	}
	if c.wake = next; next == bareNever {
		c.wake = 0
		return
	}
	b.due.ReplaceOrInsert(bareDue{c.wake, int32(i)})
}

func (b *bare) pass(d int64) {
	until := b.now + d
	for {
		first, ok := b.due.Min()
		if !ok || first.at > until {
			break
		}
		b.wakeUps++
		c := &b.customers[first.i]
		b.rearm(int(first.i), first.at, b.eval(c, bareTimed, first.at, 0), true)
	}
	b.now = until
}

func benchBareMonth(b *testing.B, n int) {
	s := newBare(n)
	s.wakeUps = 0
	const batch = 200
	step := int64(float64(30*bareDay) * batch / float64(n))
	for done := 0; b.Loop(); {
		s.purchase(s.rng.IntN(n))
		if done++; done%batch == 0 {
			s.pass(step)
		}
	}
	b.ReportMetric(float64(s.wakeUps)/float64(b.N), "wake-ups/op")
}
