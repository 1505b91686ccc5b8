package segment

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Reach is how far back in a customer's history predicates can see, and so how
// much of it a store has to load for them. Both count from the instant of
// evaluation: for a store, the one up to which the record has been stepped. The
// zero Reach is nothing of the history.
type Reach struct {
	Purchases     time.Duration // purchases at or after that instant minus this; zero: none
	Activities    time.Duration // likewise activities
	AllPurchases  bool          // every purchase, whatever Purchases says
	AllActivities bool          // likewise activities
}

// Widest returns a reach that covers both.
func (r Reach) Widest(s Reach) Reach {
	return Reach{
		Purchases:     max(r.Purchases, s.Purchases),
		Activities:    max(r.Activities, s.Activities),
		AllPurchases:  r.AllPurchases || s.AllPurchases,
		AllActivities: r.AllActivities || s.AllActivities,
	}
}

// reach notes that a window of d is read, of all time where d is zero.
func (c *compiler) reach(d customer.Period, far *time.Duration, all *bool) {
	c.reads.time = c.reads.time || !d.IsZero()
	if d.IsZero() || d.AtMost() == math.MaxInt64 {
		*all = true
		return
	}
	*far = max(*far, d.AtMost())
}

// backTo notes how far back the last of something is looked for: for a test
// that only the present can pass, as far as that reaches.
func (c *compiler) backTo(is question, far *time.Duration, all *bool) {
	var d customer.Period
	if is, ok := is.(within); ok {
		d = is.D
	}
	c.reach(d, far, all)
}

// cardPart is a set of parts of a customer's card.
type cardPart uint16

// The parts of a card that predicates read, custom fields apart.
const (
	partID cardPart = 1 << iota // never changes
	partSince
	partName
	partEmails
	partPhones
	partSource
	partManager
	partTags
	partZone
	partLocale
	partConsents
)

// changedParts returns the parts in which two cards differ.
func changedParts(a, b *customer.Customer) cardPart {
	var parts cardPart
	for _, p := range [...]struct {
		part    cardPart
		differs bool
	}{
		{partSince, !a.Since.Equal(b.Since)},
		{partName, a.Name != b.Name},
		{partEmails, !slices.Equal(a.Emails, b.Emails)},
		{partPhones, !slices.Equal(a.Phones, b.Phones)},
		{partSource, a.Source != b.Source},
		{partManager, a.Manager != b.Manager},
		{partTags, !slices.Equal(a.Tags, b.Tags)},
		{partZone, a.Zone != b.Zone},
		{partLocale, a.Locale != b.Locale},
		{partConsents, !slices.Equal(a.Consents, b.Consents)},
	} {
		if p.differs {
			parts |= p.part
		}
	}
	return parts
}

// reads is what a predicate depends on.
type reads struct {
	card       cardPart
	fields     set[string] // custom fields
	purchases  bought
	pipelines  set[string]
	activities []*Sight // each name once
	segments   set[int] // their places
	time       bool
	bought     Reach // of purchases; activities are in their sights
	size       int   // how many predicates it is made of
}

func (r *reads) field(name string)  { r.fields.add(name) }
func (r *reads) pipeline(id string) { r.pipelines.add(id) }
func (r *reads) segment(place int)  { r.segments.add(place) }

// activity notes that activities of the name are read, and returns where to note
// how far back.
func (r *reads) activity(name string) *Sight {
	for _, s := range r.activities {
		if s.Activity == name {
			return s
		}
	}
	s := &Sight{Activity: name}
	r.activities = append(r.activities, s)
	return s
}

// reach returns how far back all of it can see.
func (r *reads) reach() Reach {
	reach := r.bought
	for _, s := range r.activities {
		reach = reach.Widest(Reach{Activities: s.Back, AllActivities: s.All})
	}
	return reach
}

// sights returns how far back activities are seen, ordered by their names.
func (r *reads) sights() []Sight {
	sights := make([]Sight, len(r.activities))
	for i, s := range r.activities {
		sights[i] = *s
	}
	slices.SortFunc(sights, func(a, b Sight) int { return strings.Compare(a.Activity, b.Activity) })
	return sights
}

// set is items, each once, in the order in which they came.
type set[T comparable] struct {
	list []T
	has  map[T]bool
}

func (s *set[T]) add(items ...T) {
	if s.has == nil {
		s.has = make(map[T]bool)
	}
	for _, item := range items {
		if !s.has[item] {
			s.has[item] = true
			s.list = append(s.list, item)
		}
	}
}

// bought is which purchases a predicate depends on.
type bought struct {
	any                       bool        // each of them
	skus, categories, sources set[string] // those that have one of these
}

// add notes that purchases which the filter takes are read; nil: all.
func (b *bought) add(of *customer.Filter) {
	// Every list of a filter must match, so that any one of them tells enough.
	switch {
	case of == nil:
		b.any = true
	case len(of.SKUs) > 0:
		b.skus.add(of.SKUs...)
	case len(of.Categories) > 0:
		b.categories.add(of.Categories...)
	case len(of.Sources) > 0:
		b.sources.add(of.Sources...)
	default:
		b.any = true
	}
}
