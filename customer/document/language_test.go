package document_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
)

// The language of the tests has all there is: orders of drinks.

// order is a struct with a field of every form.
type order struct {
	table                       // flattened
	Guest    string             `json:"guest"`
	Paid     bool               `json:"paid,omitzero"`
	Cents    int64              `json:"cents,omitempty"`
	Chairs   uint8              `json:"chairs,omitzero"`
	Small    int8               `json:"small,omitzero"`
	Share    float64            `json:"share,omitzero"`
	Notes    []string           `json:"notes,omitzero" doc:"What the kitchen should know."`
	Drink    drink              `json:"drink,omitzero"`
	Size     size               `json:"size,omitzero"`
	Mark     mark               `json:"mark,omitzero"`
	Within   customer.Period    `json:"within,omitzero"`
	Day      customer.Date      `json:"day,omitzero"`
	At       customer.TimeOfDay `json:"at,omitzero"`
	Open     customer.Weekdays  `json:"open,omitzero"`
	Weekday  *struct{}          `json:"-"`
	Closed   []time.Weekday     `json:"closed,omitzero"`
	Months   []time.Month       `json:"months,omitzero"`
	Since    time.Time          `json:"since,omitzero"`
	Value    customer.Value     `json:"value,omitzero"`
	Values   []customer.Value   `json:"values,omitzero"`
	Cadence  customer.Cadence   `json:"cadence,omitzero"`
	Of       customer.Filter    `json:"of,omitzero"`
	Inside   []table            `json:"inside,omitzero"`
	Cadences []customer.Cadence `json:"cadences,omitzero"`
	secret   string
}

type table struct {
	Number int `json:"number,omitzero" doc:"The table's number."`
}

// drink is a union that contains itself.
type drink interface{ drink() }

type (
	tea   struct{}
	mixed struct {
		Of []drink `document:"self"`
	}
	without struct {
		Of drink `document:"self"`
	}
	glass struct {
		Volume int64 `json:"volume"`
		Ice    bool  `json:"ice,omitzero"`
	}
	named string
)

func (tea) drink()     {}
func (mixed) drink()   {}
func (without) drink() {}
func (glass) drink()   {}
func (named) drink()   {}

// size is a text type that lists its texts.
type size uint8

var sizes = []string{"", "small", "large"}

func (size) DocumentTexts() []string { return sizes[1:] }

func (s size) MarshalText() ([]byte, error) {
	if s == 0 || int(s) >= len(sizes) {
		return nil, fmt.Errorf("size %d does not exist", s)
	}
	return []byte(sizes[s]), nil
}

func (s *size) UnmarshalText(text []byte) error {
	i := slices.Index(sizes, string(text))
	if i < 1 {
		return fmt.Errorf("%q is no size; use small or large", text)
	}
	*s = size(i)
	return nil
}

// mark is a custom type: a pair of a number and a drink, as [1, {"tea": {}}].
type mark struct {
	n  int
	of drink
}

func (m mark) IsZero() bool { return m.of == nil }

func (m *mark) DecodeDocument(d *document.Decoder, n *document.Node) {
	parts := n.Elements()
	if len(parts) != 2 {
		d.Fault(n, "is no pair of a number and a drink")
		return
	}
	d.Value(parts[0], &m.n)
	d.Value(parts[1], &m.of)
}

func (m mark) MarshalJSON() ([]byte, error) {
	n, err := bar.Encode(m.n)
	of, err2 := bar.Encode(&m.of)
	return fmt.Appendf(nil, "[%s, %s]", n, of), errors.Join(err, err2)
}

func (m *mark) DescribeDocument(d *document.Describer) map[string]any {
	return map[string]any{
		"type":        "array",
		"prefixItems": []any{d.TypeOf(m.n), d.TypeOf(&m.of)},
		"minItems":    2, "maxItems": 2,
	}
}

var (
	_ document.Custom = (*mark)(nil)
	_ json.Marshaler  = mark{}
)

var bar = document.NewLanguage(document.UnionOf[drink](
	document.Case{Key: "tea", Value: tea{}, Doc: "A pot of tea."},
	document.Case{Key: "mixed", Value: mixed{}, Doc: "Several drinks in one."},
	document.Case{Key: "without", Value: without{}},
	document.Case{Key: "glass", Value: glass{}},
	document.Case{Key: "named", Value: named("")},
))

// everything is an order that uses all of it.
const everything = `{
	"number": 7,
	"guest": "Olga \"Ö\" \ud83d\ude00 \n <b> \\",
	"paid": true,
	"cents": -9223372036854775808,
	"chairs": 255,
	"small": -128,
	"share": 0.25,
	"notes": ["hot", ""],
	"drink": {"mixed": [{"tea": {}}, {"without": {"glass": {"volume": 3, "ice": true}}}, {"named": "x"}, {"mixed": []}]},
	"size": "large",
	"mark": [3, {"named": "y"}],
	"within": "P1Y2M3W4DT5H6M7.5S",
	"day": "2024-02-29",
	"at": "23:59",
	"open": ["monday", "saturday", "sunday"],
	"closed": ["sunday", "monday"],
	"months": ["may", "december"],
	"since": "2026-01-31T09:30:00.000001Z",
	"value": {"date": "2026-01-31"},
	"values": ["", "text", 1.5, -3, true, false, {"instant": "2026-01-31T09:30:00Z"}],
	"cadence": {"every": "P3W"},
	"of": {"categories": ["cakes"], "skus": ["a"], "sources": ["web"], "min_amount": 5},
	"inside": [{}, {"number": 1}],
	"cadences": [{"on": ["saturday"]}]
}`
