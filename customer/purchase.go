package customer

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"
)

// Purchase is something bought. Amounts are int64 minor units (cents) of the
// engine's one currency.
type Purchase struct {
	ID       string    // the idempotency key, unique per customer: the same purchase twice counts once
	Customer string    // who bought
	At       time.Time // when
	Amount   int64     // what was paid, in minor units; zero is a gift
	Items    []Item    // what was bought, where known
	Source   string    // where: "web", "till 3"
	Next     time.Time // when the customer said they would be back; zero: not said
	Refunds  []Refund  // kept by the engine, ordered by time; empty in an input
}

// Item is one line of a [Purchase].
type Item struct {
	SKU      string
	Category string
	Quantity int64 // pieces; zero counts as one
	Amount   int64 // of the whole line, in minor units
}

// Refund gives money back for a purchase. It takes its amount out of every
// total; a purchase of which nothing is left no longer counts as one. Where it
// had opened a cycle, the one before is restored, or closed as "refunded" and
// taken out of the record where there was none.
type Refund struct {
	ID       string // the idempotency key, unique per customer
	Customer string
	Purchase string // the ID of the purchase
	At       time.Time
	Amount   int64 // in minor units; zero: all that is left of the purchase
	Reason   string
}

// CustomerID returns who bought.
func (p Purchase) CustomerID() string { return p.Customer }

// CustomerID returns who is given money back.
func (r Refund) CustomerID() string { return r.Customer }

func (p Purchase) input() {}
func (r Refund) input()   {}

// Validate names every faulty field. Every error matches [ErrInvalid].
func (p Purchase) Validate() error {
	k := checker{what: "purchase", id: p.ID}
	k.identifies("ID", p.ID)
	k.identifies("Customer", p.Customer)
	k.instant("At", p.At)
	k.date("Next", p.Next)
	if p.Amount < 0 {
		k.fault("Amount", fmt.Sprintf("%d is negative; record a Refund instead", p.Amount))
	}
	if !p.Next.IsZero() && !p.Next.After(p.At) {
		k.fault("Next", "is not after At; leave it zero where no date was agreed")
	}
	if len(p.Refunds) > 0 {
		k.fault("Refunds", "is kept by the engine; record a Refund instead")
	}
	var total int64
	for i, item := range p.Items {
		field := fmt.Sprintf("Items[%d]", i)
		if item.Quantity < 0 {
			k.fault(field+".Quantity", fmt.Sprintf("%d is negative; record a Refund instead", item.Quantity))
		}
		if item.Amount < 0 {
			k.fault(field+".Amount", fmt.Sprintf("%d is negative; put the discount into Amount", item.Amount))
		} else if total > math.MaxInt64-item.Amount {
			k.fault(field+".Amount", "makes the sum of the items overflow; amounts are minor units in an int64")
		} else {
			total += item.Amount
		}
	}
	return k.err()
}

// Validate names every faulty field. Every error matches [ErrInvalid].
func (r Refund) Validate() error {
	k := checker{what: "refund", id: r.ID}
	k.identifies("ID", r.ID)
	k.identifies("Customer", r.Customer)
	k.identifies("Purchase", r.Purchase)
	k.instant("At", r.At)
	if r.Amount < 0 {
		k.fault("Amount", fmt.Sprintf("%d is negative; give what is paid back as a positive amount", r.Amount))
	}
	return k.err()
}

// Normal returns p as it is stored: times in UTC to the microsecond, sharing
// nothing with p.
func (p Purchase) Normal() Purchase {
	p.At, p.Next = Stored(p.At), Stored(p.Next)
	p.Items = slices.Clone(p.Items)
	p.Refunds = slices.Clone(p.Refunds)
	for i := range p.Refunds {
		p.Refunds[i] = p.Refunds[i].Normal()
	}
	return p
}

// Normal returns r as it is stored: its time in UTC to the microsecond.
func (r Refund) Normal() Refund {
	r.At = Stored(r.At)
	return r
}

// Differs names the first field in which two normal purchases differ, refunds
// apart; empty: they are the same.
func (p *Purchase) Differs(q *Purchase) string {
	switch {
	case p.ID != q.ID:
		return "ID"
	case p.Customer != q.Customer:
		return "Customer"
	case !p.At.Equal(q.At):
		return "At"
	case p.Amount != q.Amount:
		return "Amount"
	case !slices.Equal(p.Items, q.Items):
		return "Items"
	case p.Source != q.Source:
		return "Source"
	case !p.Next.Equal(q.Next):
		return "Next"
	}
	return ""
}

// Compare orders purchases by time, and those of one instant by ID, so that
// the order in which they became known does not matter.
func (p *Purchase) Compare(q *Purchase) int {
	if c := p.At.Compare(q.At); c != 0 {
		return c
	}
	switch {
	case p.ID < q.ID:
		return -1
	case p.ID > q.ID:
		return 1
	}
	return 0
}

// Net returns what is left of the purchase's amount after its refunds.
func (p *Purchase) Net() int64 {
	net := p.Amount
	for i := range p.Refunds {
		net -= p.Refunds[i].Amount
	}
	return net
}

// Counts reports whether the purchase still counts as one: nothing was
// refunded, or something is left after refunds.
func (p *Purchase) Counts() bool { return len(p.Refunds) == 0 || p.Net() > 0 }

// Filter says which purchases are meant. Every list that is not empty must
// match: one of the sources, and one item that is in one of the categories and
// has one of the SKUs. The zero Filter takes every purchase.
type Filter struct {
	Categories []string `json:"categories,omitzero" doc:"an item is in one of these categories"`
	SKUs       []string `json:"skus,omitzero" doc:"an item has one of these SKUs"`
	Sources    []string `json:"sources,omitzero" doc:"the purchase was made in one of these places"`
	// MinAmount and MaxAmount bound the whole purchase as it was paid, in minor
	// units, both included; zero: any.
	MinAmount int64 `json:"min_amount,omitzero" doc:"the least that was paid for the whole purchase, in minor units"`
	MaxAmount int64 `json:"max_amount,omitzero" doc:"the most that was paid for the whole purchase, in minor units"`
	// MinQuantity is how many pieces of the items meant there are at least; zero:
	// any.
	MinQuantity int64 `json:"min_quantity,omitzero" doc:"how many pieces of the items meant there are at least"`
}

// IsZero reports whether f takes every purchase.
func (f *Filter) IsZero() bool {
	return len(f.Categories) == 0 && len(f.SKUs) == 0 && len(f.Sources) == 0 &&
		f.MinAmount == 0 && f.MaxAmount == 0 && f.MinQuantity == 0
}

// Validate reports what is wrong with f: an empty name, or bounds that nothing
// can meet.
func (f *Filter) Validate() error {
	for _, list := range [][]string{f.Categories, f.SKUs, f.Sources} {
		if slices.Contains(list, "") {
			return errors.New("has an empty name; leave it out to take any")
		}
	}
	switch {
	case f.MinAmount < 0 || f.MaxAmount < 0 || f.MinQuantity < 0:
		return errors.New("asks for an amount or quantity below zero; leave it out to take any")
	case f.MaxAmount != 0 && f.MaxAmount < f.MinAmount:
		return fmt.Errorf("asks for at least %d and at most %d; exchange them", f.MinAmount, f.MaxAmount)
	}
	return nil
}

// Clone returns a copy that shares nothing with f.
func (f *Filter) Clone() Filter {
	c := *f
	c.Categories, c.SKUs, c.Sources = slices.Clone(f.Categories), slices.Clone(f.SKUs), slices.Clone(f.Sources)
	return c
}

// Takes reports whether the purchase is meant.
func (f *Filter) Takes(p *Purchase) bool {
	if p.Amount < f.MinAmount || (f.MaxAmount != 0 && p.Amount > f.MaxAmount) ||
		(len(f.Sources) > 0 && !slices.Contains(f.Sources, p.Source)) {
		return false
	}
	if f.MinQuantity > 0 {
		return f.quantity(p) >= f.MinQuantity
	}
	return !f.picksItems() || slices.ContainsFunc(p.Items, func(i Item) bool { return f.TakesItem(&i) })
}

// quantity returns how many pieces of the items meant there are.
func (f *Filter) quantity(p *Purchase) int64 {
	var sum int64
	for i := range p.Items {
		if f.TakesItem(&p.Items[i]) {
			sum += max(p.Items[i].Quantity, 1)
		}
	}
	return sum
}

func (f *Filter) picksItems() bool { return len(f.Categories) > 0 || len(f.SKUs) > 0 }

// TakesItem reports whether an item of a purchase is one of those meant: any,
// where the filter picks none.
func (f *Filter) TakesItem(i *Item) bool {
	return (len(f.Categories) == 0 || slices.Contains(f.Categories, i.Category)) &&
		(len(f.SKUs) == 0 || slices.Contains(f.SKUs, i.SKU))
}

// Amount returns how much of what is left of the purchase is meant: all of it,
// or, where the filter picks items, the sum of those items. A partial refund
// says nothing of items, so it is spread over them in proportion, rounded down.
// Nothing is left of a purchase that does not count.
func (f *Filter) Amount(p *Purchase) int64 {
	if !p.Counts() {
		return 0
	}
	net := p.Net()
	if !f.picksItems() {
		return net
	}
	var sum int64
	for i := range p.Items {
		if item := &p.Items[i]; f.TakesItem(item) {
			sum += item.Amount
		}
	}
	if net == p.Amount || p.Amount <= 0 {
		return sum
	}
	hi, lo := bits.Mul64(uint64(sum), uint64(net))
	if hi >= uint64(p.Amount) {
		return math.MaxInt64 // items said to be worth far more than the purchase
	}
	share, _ := bits.Div64(hi, lo, uint64(p.Amount))
	return int64(min(share, math.MaxInt64))
}
