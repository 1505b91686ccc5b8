package segment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/regulars-go/regulars/customer"
)

// Attribute names something that stands on every card.
type Attribute string

// The attributes. Of those that hold several texts, one that compares is enough,
// under NotEqual and NoneOf as well: that none is equal is Not of Equal.
const (
	CardID       Attribute = "id"
	CardName     Attribute = "name"
	CardSource   Attribute = "source"
	CardManager  Attribute = "manager"
	CardLocale   Attribute = "locale"
	CardLanguage Attribute = "language" // of the locale: "de" of "de-AT"
	CardZone     Attribute = "zone"
	CardEmail    Attribute = "email" // any of them
	CardPhone    Attribute = "phone" // any of them
	CardTag      Attribute = "tag"   // any of them
)

// attributes is how an attribute is read off a card, and which part of the card
// that is.
var attributes = map[Attribute]struct {
	part cardPart
	of   func(c *customer.Customer) []string
}{
	CardID:       {partID, func(c *customer.Customer) []string { return one(c.ID) }},
	CardName:     {partName, func(c *customer.Customer) []string { return one(c.Name) }},
	CardSource:   {partSource, func(c *customer.Customer) []string { return one(c.Source) }},
	CardManager:  {partManager, func(c *customer.Customer) []string { return one(c.Manager) }},
	CardLocale:   {partLocale, func(c *customer.Customer) []string { return one(c.Locale) }},
	CardLanguage: {partLocale, func(c *customer.Customer) []string { return one(languageOf(c.Locale)) }},
	CardZone:     {partZone, func(c *customer.Customer) []string { return one(c.Zone) }},
	CardEmail:    {partEmails, func(c *customer.Customer) []string { return c.Emails }},
	CardPhone:    {partPhones, func(c *customer.Customer) []string { return c.Phones }},
	CardTag:      {partTags, func(c *customer.Customer) []string { return c.Tags }},
}

// one returns a text as a list; an empty one is not there.
func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// languageOf returns the language of a locale.
func languageOf(locale string) string {
	if i := strings.IndexAny(locale, "-_"); i >= 0 {
		return locale[:i]
	}
	return locale
}

// Card compares an attribute of the card with texts, byte by byte. An attribute
// that is not there compares as false under every op.
func Card(a Attribute, op Op, texts ...string) Predicate { return card{a, is(op, texts)} }

// FromSource is true of customers whom one of the sources brought here first.
func FromSource(sources ...string) Predicate { return Card(CardSource, OneOf, sources...) }

// ManagedBy is true of customers whom one of the managers looks after.
func ManagedBy(managers ...string) Predicate { return Card(CardManager, OneOf, managers...) }

type card struct {
	Attribute Attribute          `json:"attribute" doc:"id, name, source, manager, locale, language, zone, email, phone or tag"`
	Is        comparison[string] `json:"is"`
}

func (card) key() string      { return "card" }
func (p card) String() string { return fmt.Sprintf("%s is %s", p.Attribute, p.Is) }

func (p card) compile(c *compiler, path string) eval {
	path += ".card"
	from, ok := attributes[p.Attribute]
	if !ok {
		c.faults.Add(path+".attribute", "%.40q is unknown; use id, name, source, manager, locale, language, zone, email, phone or tag", p.Attribute)
	}
	if !checkTexts(c, p.Is, path+".is") || !ok {
		return unknown
	}
	c.reads.card |= from.part
	op, values := p.Is.Op, p.Is.Values
	compares := func(s string) bool { return s != "" && comparesText(s, op, values) }
	switch p.Attribute { // the usual ones, without a list
	case CardSource:
		return steady(func(f *Facts) bool { return compares(f.Customer.Source) })
	case CardManager:
		return steady(func(f *Facts) bool { return compares(f.Customer.Manager) })
	}
	return steady(func(f *Facts) bool { return slices.ContainsFunc(from.of(f.Customer), compares) })
}

// checkTexts faults a comparison of texts that cannot be made.
func checkTexts(c *compiler, is comparison[string], path string) bool {
	if !is.check(c, path) {
		return false
	}
	if slices.Contains(is.Values, "") {
		c.faults.Add(path, "compares with an empty text; use Empty to ask whether there is none")
		return false
	}
	return true
}

// SourcePart compares the n-th part, from 1, of what brought the customer here
// first, where parts are separated by "/": of "google/cpc/spring" the second is
// "cpc". It is false where there is no such part.
func SourcePart(n int, op Op, texts ...string) Predicate { return sourcePart{n, is(op, texts)} }

type sourcePart struct {
	Part int                `json:"part" doc:"which part of the source, from 1; parts are separated by /"`
	Is   comparison[string] `json:"is"`
}

func (sourcePart) key() string      { return "source_part" }
func (p sourcePart) String() string { return fmt.Sprintf("part %d of source is %s", p.Part, p.Is) }

func (p sourcePart) compile(c *compiler, path string) eval {
	path += ".source_part"
	if p.Part < 1 {
		c.faults.Add(path+".part", "%d is not at least 1; parts are counted from 1", p.Part)
	}
	if !checkTexts(c, p.Is, path+".is") {
		return unknown
	}
	c.reads.card |= partSource
	return steady(func(f *Facts) bool {
		s := p.of(f)
		return s != "" && comparesText(s, p.Is.Op, p.Is.Values)
	})
}

func (p *sourcePart) of(f *Facts) string {
	parts := strings.Split(f.Customer.Source, "/")
	if p.Part < 1 || p.Part > len(parts) {
		return ""
	}
	return parts[p.Part-1]
}

// Has is true of customers whose card has the attribute: Has(CardEmail).
func Has(a Attribute) Predicate { return Not(Empty(a)) }

// Empty is true of customers whose card does not have the attribute.
func Empty(a Attribute) Predicate { return empty{Attribute: a} }

// NoField is true of customers without the custom field, or with an empty text
// in it.
func NoField(name string) Predicate { return empty{Field: name} }

type empty struct {
	Attribute Attribute `json:"attribute,omitzero" doc:"an attribute as in card"`
	Field     string    `json:"field,omitzero" doc:"or a custom field"`
}

func (empty) key() string { return "empty" }

func (p empty) String() string {
	if p.Field != "" {
		return fmt.Sprintf("field %q is empty", p.Field)
	}
	return string(p.Attribute) + " is empty"
}

func (p empty) compile(c *compiler, path string) eval {
	path += ".empty"
	from, ok := attributes[p.Attribute]
	switch {
	case (p.Field == "") == (p.Attribute == ""):
		c.faults.Add(path, "names both an attribute and a field, or neither; name one")
	case p.Field != "":
		c.reads.field(p.Field)
		return steady(func(f *Facts) bool {
			v := f.Customer.Fields.Get(p.Field)
			return v.IsZero() || v == customer.Text("")
		})
	case !ok:
		c.faults.Add(path+".attribute", "%.40q is unknown; see card for those there are", p.Attribute)
	}
	c.reads.card |= from.part
	return steady(func(f *Facts) bool { return len(from.of(f.Customer)) == 0 })
}

// HasTag is true of customers with the tag.
func HasTag(tag string) Predicate { return HasAnyTag(tag) }

// HasAnyTag is true of customers with at least one of the tags.
func HasAnyTag(tags ...string) Predicate { return tagged{AnyOf: slices.Clone(tags)} }

// HasAllTags is true of customers with every one of the tags.
func HasAllTags(tags ...string) Predicate { return tagged{AllOf: slices.Clone(tags)} }

// HasNoTag is true of customers with none of the tags, those without any tag
// among them: a set is always there, if only as an empty one.
func HasNoTag(tags ...string) Predicate { return tagged{NoneOf: slices.Clone(tags)} }

type tagged struct {
	AnyOf  []string `json:"any_of,omitzero"`
	AllOf  []string `json:"all_of,omitzero"`
	NoneOf []string `json:"none_of,omitzero"`
}

func (tagged) key() string { return "tags" }

func (p tagged) String() string {
	return "tagged " + p.asked()
}

func (p *tagged) asked() string {
	switch {
	case len(p.AnyOf) > 0:
		return list(p.AnyOf, "or")
	case len(p.AllOf) > 0:
		return "all of " + list(p.AllOf, "and")
	}
	return "none of " + list(p.NoneOf, "and")
}

func (p tagged) compile(c *compiler, path string) eval {
	path += ".tags"
	names := slices.Concat(p.AnyOf, p.AllOf, p.NoneOf)
	if oneIf(len(p.AnyOf) > 0)+oneIf(len(p.AllOf) > 0)+oneIf(len(p.NoneOf) > 0) != 1 {
		c.faults.Add(path, "has not exactly one of any_of, all_of and none_of with tags in it; give one")
	}
	if slices.Contains(names, "") {
		c.faults.Add(path, "has an empty tag; name it")
	}
	c.reads.card |= partTags
	switch {
	case len(p.AnyOf) == 1:
		tag := p.AnyOf[0]
		return steady(func(f *Facts) bool { return among(f.Customer.Tags, tag) })
	case len(p.AnyOf) > 0:
		return steady(func(f *Facts) bool { return slices.ContainsFunc(p.AnyOf, f.Customer.HasTag) })
	case len(p.AllOf) > 0:
		return steady(func(f *Facts) bool {
			return !slices.ContainsFunc(p.AllOf, func(tag string) bool { return !f.Customer.HasTag(tag) })
		})
	}
	return steady(func(f *Facts) bool { return !slices.ContainsFunc(p.NoneOf, f.Customer.HasTag) })
}

// list writes names as people do, with "or" or "and" between them.
func list(names []string, joint string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(quoted, " "+joint+" ")
}
