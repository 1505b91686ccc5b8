package segment_test

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// onCard is a leaf that reads the card only.
func onCard(of segment.Predicate, truth func(c *customer.Customer) bool) rule {
	return leaf{of: of, truth: func(w *world, _ time.Time) bool { return truth(&w.card) }}
}

var (
	// anyText draws texts that have parts of each other.
	anyText    = rapid.SampledFrom([]string{"a", "b", "ab", "ba", "aba", "de", "Europe/Berlin"})
	anyChannel = rapid.SampledFrom([]string{"email", "sms"})
	anyTag     = rapid.SampledFrom([]string{"a", "b", "ab"})
	attributes = []segment.Attribute{
		segment.CardID, segment.CardName, segment.CardSource, segment.CardManager, segment.CardLocale,
		segment.CardLanguage, segment.CardZone, segment.CardEmail, segment.CardPhone, segment.CardTag,
	}
)

// textsOf returns the texts that an attribute has, apart from empty ones.
func textsOf(c *customer.Customer, a segment.Attribute) []string {
	texts := map[segment.Attribute][]string{
		segment.CardID: {c.ID}, segment.CardName: {c.Name}, segment.CardSource: {c.Source},
		segment.CardManager: {c.Manager}, segment.CardLocale: {c.Locale}, segment.CardZone: {c.Zone},
		segment.CardLanguage: {strings.Split(strings.ReplaceAll(c.Locale, "_", "-"), "-")[0]},
		segment.CardEmail:    c.Emails, segment.CardPhone: c.Phones, segment.CardTag: c.Tags,
	}[a]
	return slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" })
}

func drawTexts(t *rapid.T) (segment.Op, []string) {
	op := rapid.SampledFrom(append(slices.Clone(numberOps), segment.Contains, segment.HasPrefix, segment.HasSuffix)).Draw(t, "op")
	return op, drawList(t, op, anyText)
}

func drawCardLeaf(t *rapid.T) rule {
	a := rapid.SampledFrom(attributes).Draw(t, "attribute")
	op, texts := drawTexts(t)
	return onCard(segment.Card(a, op, texts...), func(c *customer.Customer) bool {
		return slices.ContainsFunc(textsOf(c, a), func(s string) bool { return passesText(s, op, texts) })
	})
}

func drawSourcePart(t *rapid.T) rule {
	n := rapid.IntRange(1, 4).Draw(t, "part")
	op, texts := drawTexts(t)
	return onCard(segment.SourcePart(n, op, texts...), func(c *customer.Customer) bool {
		parts := append(strings.Split(c.Source, "/"), "", "", "", "")
		return parts[n-1] != "" && passesText(parts[n-1], op, texts)
	})
}

func drawEmpty(t *rapid.T) rule {
	if rapid.Bool().Draw(t, "field") {
		name := anyName.Draw(t, "name")
		return onCard(segment.NoField(name), func(c *customer.Customer) bool {
			v := fieldOf(c, name)
			return v == customer.Value{} || v == customer.Text("")
		})
	}
	a := rapid.SampledFrom(attributes).Draw(t, "attribute")
	return onCard(segment.Empty(a), func(c *customer.Customer) bool { return len(textsOf(c, a)) == 0 })
}

func drawTags(t *rapid.T) rule {
	tags := rapid.SliceOfN(anyTag, 1, 3).Draw(t, "tags")
	has := func(c *customer.Customer) (n int) {
		for _, tag := range tags {
			if slices.Contains(c.Tags, tag) {
				n++
			}
		}
		return n
	}
	switch rapid.IntRange(0, 3).Draw(t, "tags kind") {
	case 0:
		return onCard(segment.HasTag(tags[0]), func(c *customer.Customer) bool { return slices.Contains(c.Tags, tags[0]) })
	case 1:
		return onCard(segment.HasAnyTag(tags...), func(c *customer.Customer) bool { return has(c) > 0 })
	case 2:
		return onCard(segment.HasAllTags(tags...), func(c *customer.Customer) bool { return has(c) == len(tags) })
	}
	return onCard(segment.HasNoTag(tags...), func(c *customer.Customer) bool { return has(c) == 0 })
}

func drawConsent(t *rapid.T) rule {
	channel := anyChannel.Draw(t, "channel")
	is := rapid.SampledFrom([]segment.ConsentState{segment.Granted, segment.Denied, segment.Unasked}).Draw(t, "is")
	return onCard(segment.Consent(channel, is), func(c *customer.Customer) bool {
		said := segment.Unasked
		for _, x := range c.Consents {
			if x.Channel == channel {
				said = map[bool]segment.ConsentState{true: segment.Granted, false: segment.Denied}[x.Granted]
			}
		}
		return said == is
	})
}

func drawCustomers(t *rapid.T) rule {
	ids := rapid.SliceOfN(anyID, 0, 3).Draw(t, "ids")
	return onCard(segment.Customers(ids...), func(c *customer.Customer) bool { return slices.Contains(ids, c.ID) })
}

func drawShare(t *rapid.T) rule {
	salt := rapid.SampledFrom([]string{"x", "a longer one"}).Draw(t, "salt")
	from := float64(rapid.IntRange(0, 7).Draw(t, "from")) / 8
	to := from + float64(rapid.IntRange(1, int(8-from*8)).Draw(t, "more"))/8
	return onCard(segment.Share(salt, from, to), func(c *customer.Customer) bool {
		x := drawnNumber(salt, c.ID)
		return from <= x && x < to
	})
}

// drawnNumber is the number from 0 up to 1 that belongs to a customer, as the
// documentation says.
func drawnNumber(salt, id string) float64 {
	h := fnv.New64a()
	h.Write([]byte(salt + "\x00" + id))
	x := h.Sum64()
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}

func drawField(t *rapid.T) rule {
	name := anyName.Draw(t, "name")
	op, values := drawValues(t)
	return onCard(segment.Field(name, op, values...), func(c *customer.Customer) bool {
		return passesValue(fieldOf(c, name), op, values)
	})
}

func fieldOf(c *customer.Customer, name string) customer.Value {
	for _, f := range c.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return customer.Value{}
}

// values are what fields and properties hold, a few of each kind.
var values = []customer.Value{
	customer.Text(""), customer.Text("2"), customer.Text("a"), customer.Text("ab"), customer.Text("B"),
	customer.Number(-1.5), customer.Number(0), customer.Number(2), customer.Number(2.5),
	customer.Bool(true), customer.Bool(false),
	customer.DateValue(2024, 2, 29), customer.DateValue(1990, 12, 31), customer.DateValue(2026, 3, 29), customer.DateValue(2026, 10, 25),
	customer.DateValue(2027, 1, 1), customer.DateValue(2027, 4, 5), customer.DateValue(2027, 4, 6), customer.DateValue(2028, 1, 10),
	customer.Instant(utc("2026-03-29 01:00")), customer.Instant(utc("2026-10-25 00:30")), customer.Instant(utc("2027-04-05 00:00")),
	customer.Instant(utc("2024-02-29 23:30")), customer.Instant(utc("2027-05-01 12:00")),
}

// drawValues draws a comparison that can be made.
func drawValues(t *rapid.T) (segment.Op, []customer.Value) {
	first := rapid.SampledFrom(values).Draw(t, "value")
	ofKind := slices.DeleteFunc(slices.Clone(values), func(v customer.Value) bool { return v.Kind() != first.Kind() })
	ops := []segment.Op{segment.Equal, segment.NotEqual, segment.OneOf, segment.NoneOf}
	if first.Kind() != customer.BoolKind {
		ops = numberOps
	}
	if first.Kind() == customer.TextKind {
		ops = append(slices.Clone(ops), segment.Contains, segment.HasPrefix, segment.HasSuffix)
	}
	op := rapid.SampledFrom(ops).Draw(t, "op")
	if op == segment.OneOf || op == segment.NoneOf { // of any kinds
		return op, drawList(t, op, rapid.SampledFrom(values))
	}
	return op, drawList(t, op, rapid.SampledFrom(ofKind))
}

// passesValue says what comparisons of a field or a property mean.
func passesValue(v customer.Value, op segment.Op, asked []customer.Value) bool {
	switch op {
	case segment.OneOf:
		return slices.Contains(asked, v)
	case segment.NoneOf:
		kin := slices.ContainsFunc(asked, func(a customer.Value) bool { return a.Kind() == v.Kind() })
		return kin && !slices.Contains(asked, v)
	}
	if v.Kind() != asked[0].Kind() {
		return false
	}
	texts := func(vs ...customer.Value) (list []string) {
		for _, v := range vs {
			list = append(list, v.String())
		}
		return list
	}
	switch v.Kind() {
	case customer.NumberKind:
		x, _ := v.AsNumber()
		var numbers []float64
		for _, a := range asked {
			n, _ := a.AsNumber()
			numbers = append(numbers, n)
		}
		return passes(x, op, numbers)
	case customer.TimeKind, customer.DateKind, customer.BoolKind: // whose texts are in order
		return passes(v.String(), op, texts(asked...))
	}
	return passesText(v.String(), op, texts(asked...))
}
