package customer

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Customer is the buyer's card. It is created once and kept for good. As an
// [Input] it adds the card; the same card twice is a no-op, another card under
// a known ID is an error (use [Edit] to change a card).
type Customer struct {
	ID       string    // chosen by the caller, never changed
	Since    time.Time // when the customer became known, and so the card was added; zero: now
	Name     string
	Emails   []string // the first is the one that is written to
	Phones   []string // the first is the one that is called
	Source   string   // what brought the customer here first
	Manager  string   // the ID of who looks after the customer
	Tags     []string // a set
	Fields   Fields   // custom fields
	Zone     string   // IANA name, as "Europe/Berlin"; empty: the engine's zone
	Locale   string   // BCP 47 tag, as "de-AT"
	Consents []Consent
	Cadences []PipelineCadence // the customer's own, before any rule's
}

// Consent says whether the customer agreed to be reached over a channel. A
// channel without a Consent was never asked about.
type Consent struct {
	Channel string
	Granted bool
	At      time.Time
}

// CustomerID returns the customer's ID.
func (c Customer) CustomerID() string { return c.ID }

func (c Customer) input() {}

// HasTag reports whether the customer has the tag.
func (c *Customer) HasTag(tag string) bool { return slices.Contains(c.Tags, tag) }

// Denied reports whether the customer refused to be reached over the channel.
func (c *Customer) Denied(channel string) bool {
	i := slices.IndexFunc(c.Consents, func(x Consent) bool { return x.Channel == channel })
	return i >= 0 && !c.Consents[i].Granted
}

// Validate names every faulty field of the card. Every error matches
// [ErrInvalid].
func (c Customer) Validate() error {
	k := checker{what: "customer", id: c.ID}
	k.identifies("ID", c.ID)
	k.date("Since", c.Since)
	for i, tag := range c.Tags {
		k.required(fmt.Sprintf("Tags[%d]", i), tag)
	}
	k.contacts("Emails", c.Emails)
	k.contacts("Phones", c.Phones)
	c.Fields.check(&k, "Fields")
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "Local" {
		k.fault("Zone", fmt.Sprintf("%.40q is not known here; use an IANA name such as Europe/Berlin", c.Zone))
	}
	for i, s := range c.Consents {
		k.required(fmt.Sprintf("Consents[%d].Channel", i), s.Channel)
		k.date(fmt.Sprintf("Consents[%d].At", i), s.At)
		if slices.ContainsFunc(c.Consents[:i], func(x Consent) bool { return x.Channel == s.Channel }) {
			k.fault(fmt.Sprintf("Consents[%d].Channel", i), fmt.Sprintf("%q is given twice; give it once", s.Channel))
		}
	}
	c.checkCadences(&k)
	return k.err()
}

// contacts faults addresses that are empty, or that would break a line of what
// they are written into.
func (c *checker) contacts(field string, list []string) {
	for i, address := range list {
		at := fmt.Sprintf("%s[%d]", field, i)
		c.required(at, address)
		if strings.ContainsFunc(address, unicode.IsControl) {
			c.fault(at, "has a control character, such as a line break; take it out")
		}
	}
}

func (c Customer) checkCadences(k *checker) {
	for i, p := range c.Cadences {
		field := fmt.Sprintf("Cadences[%d]", i)
		k.required(field+".Pipeline", p.Pipeline)
		if p.Cadence.IsZero() {
			k.fault(field+".Cadence", "is none; leave the entry out instead")
		} else if err := p.Cadence.Validate(); err != nil {
			k.fault(field+".Cadence", err.Error())
		}
		for _, q := range c.Cadences[:i] {
			if q.Pipeline == p.Pipeline {
				k.fault(field+".Pipeline", fmt.Sprintf("%q is given twice; give it once", p.Pipeline))
			}
		}
	}
}

// Normal returns the card as it is stored: times in UTC to the microsecond,
// tags and fields in order, each once, sharing nothing with c.
func (c Customer) Normal() Customer {
	c.Since = Stored(c.Since)
	c.Emails = slices.Clone(c.Emails)
	c.Phones = slices.Clone(c.Phones)
	c.Tags = slices.Compact(slices.Sorted(slices.Values(c.Tags)))
	c.Fields = slices.Clone(c.Fields).sorted()
	c.Consents = slices.SortedStableFunc(slices.Values(c.Consents), func(a, b Consent) int {
		return strings.Compare(a.Channel, b.Channel)
	})
	for i := range c.Consents {
		c.Consents[i].At = Stored(c.Consents[i].At)
	}
	c.Cadences = slices.SortedFunc(slices.Values(c.Cadences), func(a, b PipelineCadence) int {
		return strings.Compare(a.Pipeline, b.Pipeline)
	})
	return c
}

// Fingerprint returns a hash of everything a normal card says. Cards that are
// not equal have, but for one in four billion, different fingerprints.
func (c Customer) Fingerprint() uint32 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%+v", c)
	return h.Sum32()
}

// Equal reports whether two normal cards are the same.
func (c Customer) Equal(d Customer) bool { return c.Differs(&d) == "" }

// Differs names the first field in which two normal cards differ; empty: they are
// the same.
func (c *Customer) Differs(d *Customer) string {
	for _, part := range []struct {
		field string
		same  bool
	}{
		{"ID", c.ID == d.ID},
		{"Since", c.Since.Equal(d.Since)},
		{"Name", c.Name == d.Name},
		{"Emails", slices.Equal(c.Emails, d.Emails)},
		{"Phones", slices.Equal(c.Phones, d.Phones)},
		{"Source", c.Source == d.Source},
		{"Manager", c.Manager == d.Manager},
		{"Tags", slices.Equal(c.Tags, d.Tags)},
		{"Fields", slices.Equal(c.Fields, d.Fields)},
		{"Zone", c.Zone == d.Zone},
		{"Locale", c.Locale == d.Locale},
		{"Consents", slices.EqualFunc(c.Consents, d.Consents, sameConsent)},
		{"Cadences", slices.Equal(c.Cadences, d.Cadences)},
	} {
		if !part.same {
			return part.field
		}
	}
	return ""
}

func sameConsent(a, b Consent) bool {
	return a.Channel == b.Channel && a.Granted == b.Granted && a.At.Equal(b.At)
}
