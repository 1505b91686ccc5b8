package segment

import (
	"fmt"
	"math"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// Field compares a custom field of the card with values. A field that is
// missing, or of another kind than the value, compares as false under every op.
// Texts compare byte by byte, dates and instants by time, and a truth only as
// equal or not equal. OneOf and NoneOf look at the values of the field's own
// kind.
func Field(name string, op Op, values ...customer.Value) Predicate {
	return field{name, is(op, values)}
}

type field struct {
	Name string                     `json:"name"`
	Is   comparison[customer.Value] `json:"is"`
}

func (field) key() string      { return "field" }
func (p field) String() string { return fmt.Sprintf("field %q is %s", p.Name, p.Is) }

func (p field) compile(c *compiler, path string) eval {
	path += ".field"
	if p.Name == "" {
		c.faults.Add(path+".name", "is empty; name the field")
	}
	if !checkValues(c, p.Is, path+".is") {
		return unknown
	}
	c.reads.field(p.Name)
	if numbers, ok := allOf(p.Is.Values, customer.Value.AsNumber); ok { // the usual ones, without a look at their kind
		t := newTest(p.Is.Op, numbers, math.Inf(-1), math.Inf(1))
		return steady(func(f *Facts) bool {
			x, ok := f.Customer.Fields.Get(p.Name).AsNumber()
			return ok && t.passes(x)
		})
	}
	if texts, ok := allOf(p.Is.Values, customer.Value.AsText); ok {
		return steady(func(f *Facts) bool {
			s, ok := f.Customer.Fields.Get(p.Name).AsText()
			return ok && comparesText(s, p.Is.Op, texts)
		})
	}
	return steady(func(f *Facts) bool {
		v := f.Customer.Fields.Get(p.Name)
		return !v.IsZero() && comparesValue(v, &p.Is)
	})
}

// ConsentState is what a customer said to being reached over a channel.
type ConsentState string

// What a customer can have said.
const (
	Granted ConsentState = "granted"
	Denied  ConsentState = "denied"
	Unasked ConsentState = "unasked" // nothing
)

// Consent is true of customers who said that to being reached over the channel.
func Consent(channel string, said ConsentState) Predicate { return consent{channel, said} }

type consent struct {
	Channel string       `json:"channel"`
	Is      ConsentState `json:"is" doc:"granted, denied or unasked"`
}

func (consent) key() string      { return "consent" }
func (p consent) String() string { return fmt.Sprintf("consent for %q is %s", p.Channel, p.Is) }

func (p consent) compile(c *compiler, path string) eval {
	path += ".consent"
	if p.Channel == "" {
		c.faults.Add(path+".channel", "is empty; name the channel")
	}
	if p.Is != Granted && p.Is != Denied && p.Is != Unasked {
		c.faults.Add(path+".is", "%.40q is unknown; use granted, denied or unasked", p.Is)
	}
	c.reads.card |= partConsents
	return steady(func(f *Facts) bool { return p.said(f) == p.Is })
}

func (p *consent) said(f *Facts) ConsentState {
	given := f.Customer.Consents
	i := slices.IndexFunc(given, func(x customer.Consent) bool { return x.Channel == p.Channel })
	switch {
	case i < 0:
		return Unasked
	case given[i].Granted:
		return Granted
	}
	return Denied
}

// Customers is true of the customers of a list that is kept by hand.
func Customers(ids ...string) Predicate { return customers(slices.Clone(ids)) }

type customers []string

func (customers) key() string      { return "customers" }
func (p customers) String() string { return fmt.Sprintf("one of %d listed customers", len(p)) }

func (p customers) compile(c *compiler, path string) eval {
	path += ".customers"
	listed := make(map[string]bool, len(p))
	for i, id := range p {
		if id == "" {
			c.faults.Add(fmt.Sprintf("%s[%d]", path, i), "is empty; give the customer's ID")
		}
		listed[id] = true
	}
	c.reads.card |= partID
	return steady(func(f *Facts) bool { return listed[f.Customer.ID] })
}

// Share is true of a share of all customers that is drawn by chance, once and
// for good: a hash of the salt and the customer's ID is a number from 0 up to 1,
// and those for whom from ≤ number < to are in. Shares of one salt that do not
// overlap have nobody in common; those of different salts have nothing to do
// with each other. Nothing but the salt matters: renaming a segment does not
// deal anew.
func Share(salt string, from, to float64) Predicate { return chance{salt, from, to} }

type chance struct {
	Salt string  `json:"salt" doc:"what is hashed together with the customer's ID"`
	From float64 `json:"from" doc:"from 0 to 1, included"`
	To   float64 `json:"to" doc:"from 0 to 1, excluded"`
}

func (chance) key() string { return "share" }

func (p chance) String() string {
	return fmt.Sprintf("in the share from %v to %v of %q", p.From, p.To, p.Salt)
}

func (p chance) compile(c *compiler, path string) eval {
	path += ".share"
	if p.Salt == "" {
		c.faults.Add(path+".salt", "is empty; name the draw")
	}
	if !(p.From >= 0 && p.From < p.To && p.To <= 1) {
		c.faults.Add(path, "is from %v to %v; give two numbers from 0 to 1, the smaller first", p.From, p.To)
	}
	c.reads.card |= partID
	return steady(func(f *Facts) bool {
		x := p.drawn(f.Customer.ID)
		return p.From <= x && x < p.To
	})
}

// drawn returns the number from 0 up to 1 that belongs to the customer: FNV-1a
// of salt, a zero byte and the ID, whose bits are then mixed as splitmix64 does
// (Steele, Lea and Flood 2014), for FNV leaves those of similar IDs alike.
func (p *chance) drawn(id string) float64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for i := range len(p.Salt) {
		h = (h ^ uint64(p.Salt[i])) * prime
	}
	h *= prime
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * prime
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	h ^= h >> 31
	return float64(h>>11) / (1 << 53)
}
