package segment

import (
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Facts is what predicates read of one customer at one instant. Nothing in it is
// later than that instant: what is to come is not known yet. It serves one
// evaluation after another, and is not safe for concurrent use.
type Facts struct {
	Customer   *customer.Customer
	Totals     *customer.Totals
	Purchases  []customer.Purchase // ordered by time, as far back as [Set.Reach] says
	Activities []customer.Activity // likewise
	Cycles     []customer.Cycle
	Zone       *time.Location // the customer's, else the engine's
	// Place returns where a cycle will stand at an instant if nothing happens, for
	// evaluations that look ahead. Nil: cycles stand where they are.
	Place func(c *customer.Cycle, at time.Time) *customer.Cycle

	now     int64
	members bits
	memo    memo
	heap    heap
	spells  spells
	ends    []int64 // of spans
	flips   []flip
	clock   *clock // of the zone last asked about
	clocks  map[*time.Location]*clock
}

// At sets the instant at which predicates are evaluated.
func (f *Facts) At(now time.Time) { f.now = now.UnixMicro() }

// local returns the clock of the customer's zone.
func (f *Facts) local() *clock {
	if f.clock != nil && f.clock.zone == f.Zone {
		return f.clock
	}
	c := f.clocks[f.Zone]
	if c == nil {
		if f.clocks == nil {
			f.clocks = make(map[*time.Location]*clock)
		}
		c = &clock{zone: f.Zone}
		f.clocks[f.Zone] = c
	}
	f.clock = c
	return c
}

// bits is a set of small numbers.
type bits []uint64

func newBits(n int) bits      { return make(bits, (n+63)/64) }
func (b bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }
func (b bits) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bits) unset(i int)    { b[i/64] &^= 1 << (i % 64) }
func (b bits) merge(other bits) {
	for i, w := range other {
		b[i] |= w
	}
}
