package segment

import (
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Facts is what predicates read of one customer at one instant. It serves one
// evaluation after another, and is not safe for concurrent use.
type Facts struct {
	Customer   *customer.Customer
	Totals     *customer.Totals
	Purchases  []customer.Purchase // ordered by time, as far back as [Set.Reach] says
	Activities []customer.Activity // likewise
	Cycles     []customer.Cycle
	Zone       *time.Location // the customer's, else the engine's

	now     int64
	members bits
	scratch []inside
}

// At sets the instant at which predicates are evaluated.
func (f *Facts) At(now time.Time) { f.now = now.UnixMicro() }

// eval is a compiled predicate: its truth at f.now, and the instant until which
// it holds at least, if only time passes and neither stages nor other segments
// move; those have flips of their own.
type eval func(f *Facts) (truth bool, until int64)

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
