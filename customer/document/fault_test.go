package document_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
)

func TestFaultsNameLineAndPlace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"unknown key": {
			"{\n\"guest\": \"x\",\n\"cent\": 1}",
			`line 3: cent: is no key here; known are "cents"`,
		},
		"unknown odd key": {`{"guest": "x", "a b": 1}`, `line 1: ["a b"]: is no key here; known are`},
		"unknown long key": {
			`{"guest": "x", "` + strings.Repeat("k", 100) + `": 1}`,
			`line 1: ["` + strings.Repeat("k", 60) + `..."]: is no key here`,
		},
		"unknown key deep inside": {
			"{\"guest\": \"x\", \"inside\": [\n{},\n{\"nr\": 1}]}",
			`line 3: inside[1].nr: is no key here; known are "number"`,
		},
		"missing":        {"\n\n{\n}", `line 3: guest: is missing; it is required`},
		"missing inside": {`{"guest": "x", "drink": {"glass": {}}}`, `line 1: drink.glass.volume: is missing; it is required`},
		"null":           {"{\"guest\":\nnull}", `line 2: guest: is null; leave out what is not there`},
		"null inside":    {`{"guest": "x", "notes": [null]}`, `line 1: notes[0]: is null; leave out what is not there`},
		"null document":  {"null", `line 1: document: is null; leave out what is not there`},

		"array for object":   {`[]`, `line 1: document: is an array, not an object`},
		"number for string":  {`{"guest": 1}`, `line 1: guest: is a number, not a string`},
		"string for boolean": {`{"guest": "x", "paid": "true"}`, `line 1: paid: is a string, not a boolean`},
		"boolean for number": {`{"guest": "x", "cents": true}`, `line 1: cents: is a boolean, not a number`},
		"object for array":   {`{"guest": "x", "notes": {}}`, `line 1: notes: is an object, not an array`},
		"string for number":  {`{"guest": "x", "share": "1"}`, `line 1: share: is a string, not a number`},
		"number for text":    {`{"guest": "x", "size": 1}`, `line 1: size: is a number, not a string`},

		"fraction":   {`{"guest": "x", "cents": 1.0}`, `line 1: cents: is 1.0, not a whole number without fraction and exponent`},
		"exponent":   {`{"guest": "x", "cents": 1e3}`, `line 1: cents: is 1e3, not a whole number without fraction and exponent`},
		"too large":  {`{"guest": "x", "cents": 9223372036854775808}`, `line 1: cents: is 9223372036854775808, which is not from -9223372036854775808 to 9223372036854775807`},
		"no byte":    {`{"guest": "x", "small": 128}`, `line 1: small: is 128, which is not from -128 to 127`},
		"negative":   {`{"guest": "x", "chairs": -1}`, `line 1: chairs: is -1, which is not from 0 to 255`},
		"no float":   {`{"guest": "x", "share": 1e999}`, `line 1: share: is 1e999, which is larger than a number can be`},
		"no number":  {`{"guest": "x", "value": -1e999}`, `line 1: value: is -1e999, which is larger than a number can be`},
		"long digit": {`{"guest": "x", "cents": 1` + strings.Repeat("0", 99) + `}`, `line 1: cents: is 1` + strings.Repeat("0", 59) + `..., which is not`},

		"unknown case":       {`{"guest": "x", "drink": {"ta": {}}}`, `line 1: drink.ta: is no known drink; known are "tea", "glass", "named", "mixed", "without"`},
		"no case":            {`{"guest": "x", "drink": {}}`, `line 1: drink: has 0 keys; exactly one names the drink`},
		"two cases":          {`{"guest": "x", "drink": {"tea": {}, "named": "x"}}`, `line 1: drink: has 2 keys; exactly one names the drink`},
		"case of wrong type": {`{"guest": "x", "drink": "tea"}`, `line 1: drink: is a string, not an object`},
		"case deep inside":   {`{"guest": "x", "drink": {"mixed": [{"tea": {}}, {"without": {"cola": 1}}]}}`, `line 1: drink.mixed[1].without.cola: is no known drink`},

		"text":           {`{"guest": "x", "size": "huge"}`, `line 1: size: "huge" is no size; use small or large`},
		"custom":         {`{"guest": "x", "mark": []}`, `line 1: mark: is no pair of a number and a drink`},
		"inside custom":  {`{"guest": "x", "mark": ["1", {"tea": 1}]}`, "line 1: mark[0]: is a string, not a number\nline 1: mark[1].tea: is a number, not an object"},
		"period":         {`{"guest": "x", "within": "3 weeks"}`, `line 1: within: period "3 weeks": does not begin with P, as in P3W or PT12H`},
		"date":           {`{"guest": "x", "day": "2026-02-29"}`, `line 1: day: date "2026-02-29": is no day of the calendar, as in 2006-01-02`},
		"time of day":    {`{"guest": "x", "at": "9:30"}`, `line 1: at: time of day "9:30": is not from 00:00 to 23:59`},
		"weekday":        {`{"guest": "x", "closed": ["Sunday"]}`, `line 1: closed[0]: "Sunday" is no day of the week; known are "sunday", "monday"`},
		"month":          {`{"guest": "x", "months": ["juni"]}`, `line 1: months[0]: "juni" is no month; known are "june", "july"`},
		"weekday twice":  {`{"guest": "x", "open": ["monday", "monday"]}`, `line 1: open[1]: is given twice; keep one`},
		"weekdays":       {`{"guest": "x", "open": "monday"}`, `line 1: open: is a string, not an array`},
		"instant":        {`{"guest": "x", "since": "2026-01-31"}`, `line 1: since: "2026-01-31" is no instant, as in 2026-01-31T09:30:00Z`},
		"early instant":  {`{"guest": "x", "since": "0001-01-01T00:00:00Z"}`, `line 1: since: is in the year 1; years from 1900 to 9999 can be kept`},
		"late instant":   {`{"guest": "x", "since": "9999-12-31T23:59:59-01:00"}`, `line 1: since: is in the year 10000;`},
		"instant's kind": {`{"guest": "x", "since": 5}`, `line 1: since: is a number, not a string`},

		"value":            {`{"guest": "x", "value": []}`, `line 1: value: is an array; a value is a string, a number, a boolean, a date or an instant`},
		"value, two keys":  {`{"guest": "x", "value": {}}`, `line 1: value: has 0 keys; exactly one names the value`},
		"value, odd key":   {`{"guest": "x", "value": {"day": 1}}`, `line 1: value.day: is no known value; known are "date", "instant"`},
		"value, bad date":  {`{"guest": "x", "value": {"date": "x"}}`, `line 1: value.date: date "x": is no day`},
		"value, bad time":  {`{"guest": "x", "value": {"instant": true}}`, `line 1: value.instant: is a boolean, not a string`},
		"cadence, no key":  {`{"guest": "x", "cadence": {}}`, `line 1: cadence: has 0 keys; exactly one names the cadence`},
		"cadence, odd key": {`{"guest": "x", "cadence": {"evry": "P1D"}}`, `line 1: cadence.evry: is no known cadence; known are "every", "on"`},
		"cadence, zero":    {`{"guest": "x", "cadence": {"every": "P0D"}}`, `line 1: cadence.every: is no time at all; give it a length`},
		"cadence, no day":  {`{"guest": "x", "cadence": {"on": []}}`, `line 1: cadence.on: is empty; name a day of the week`},
		"cadence, array":   {`{"guest": "x", "cadence": []}`, `line 1: cadence: is an array, not an object`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read[order](c.text)
			require.ErrorIs(t, err, customer.ErrDefinition)
			assert.True(t, strings.HasPrefix(err.Error(), c.want), "got  %v\nwant %v", err, c.want)
			assert.Zero(t, got, "the target stays as it was")
		})
	}
}

func TestAllFaultsAreToldInOrder(t *testing.T) {
	t.Parallel()
	_, err := read[order]("{\"cents\": true,\n\"notes\": [1, \"fine\", {}],\n\"of\": {\"skus\": [5]}}")
	require.EqualError(t, err, "line 1: cents: is a boolean, not a number\n"+
		"line 2: notes[0]: is a number, not a string\nline 2: notes[2]: is an object, not a string\n"+
		"line 3: of.skus[0]: is a number, not a string\nline 1: guest: is missing; it is required")
	var fault *customer.DefinitionError
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, customer.DefinitionError{Path: "cents", Line: 1, Fault: "is a boolean, not a number"}, *fault)
}

func TestOnlyTheFirstOfManyFaultsAreTold(t *testing.T) {
	t.Parallel()
	_, err := read[[]string]("[" + strings.Repeat("1,", 149) + "1]")
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 101)
	assert.Equal(t, "line 1: [99]: is a number, not a string", lines[99])
	assert.Equal(t, "line 1: document: has more faults than these", lines[100])
}

func TestWhatCannotBeWrittenIsAFault(t *testing.T) {
	t.Parallel()
	type stranger struct{ tea }
	circle := mixed{make([]drink, 1)}
	circle.Of[0] = circle
	for name, c := range map[string]struct {
		v    any
		want string
	}{
		"too large":   {strings.Repeat("x", document.MaxSize), "document: has 16777218 bytes; a document has at most 16777216"},
		"nil":         {nil, "document: cannot encode nil"},
		"no case":     {order{Drink: mixed{[]drink{tea{}, nil}}}, "drink.mixed[1]: is nil; a drink is required"},
		"stranger":    {order{Drink: stranger{}}, "drink: is a document_test.stranger, which has no JSON form; build it by the functions of its package"},
		"in itself":   {circle, "is deeper than 1000 arrays and objects; simplify the definition"},
		"text":        {order{Guest: "\xff"}, "guest: is not UTF-8 text"},
		"text error":  {order{Size: 9}, "size: size 9 does not exist"},
		"inside own":  {order{Mark: mark{1, without{}}}, "mark.without: is nil; a drink is required"},
		"infinite":    {order{Share: math.Inf(1)}, "share: is +Inf, which is no number in JSON"},
		"period":      {order{Within: customer.Days(-1)}, "within: -1 days is negative; a period is a length of time"},
		"date":        {order{Day: customer.Date{Year: 2026}}, "day: date 2026-00-00 does not exist"},
		"time of day": {order{At: customer.Clock(24, 0)}, "at: time of day 24:00 does not exist"},
		"weekdays":    {order{Open: customer.OnDays(9)}, "open: names a day of the week that does not exist"},
		"weekday":     {order{Closed: append(order{}.Closed, 7)}, "closed[0]: %!Weekday(7) is no day of the week"},
		"instant":     {order{Since: customer.Date{Year: 1899, Month: 1, Day: 1}.At(customer.Clock(0, 0), utc)}, "since: is in the year 1899; years from 1900 to 9999 can be kept"},
		"no value":    {order{Values: make([]customer.Value, 1)}, "values[0]: is nothing; a value is required"},
		"no number":   {order{Value: customer.Number(math.Inf(-1))}, "value: is -Inf, which is no number in JSON"},
		"no cadence":  {order{Cadences: make([]customer.Cadence, 1)}, "cadences[0]: is none; a cadence is required"},
		"two cadences": {
			order{Cadence: customer.Cadence{Every: customer.Days(1), On: customer.OnDays(1)}},
			"cadence: has both a period and weekdays; a cadence is one of the two",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := bar.Encode(c.v)
			require.Error(t, err)
			assert.True(t, strings.HasSuffix(err.Error(), c.want), "got %v", err)
		})
	}
}

func TestTypesWithoutAFormAreToldNotPanickedAt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		v    any
		want string
	}{
		"map": {&struct {
			M map[string]int `json:"m"`
		}{}, "map[string]int has no JSON form"},
		"pointer": {&struct {
			P *int `json:"m"`
		}{}, "*int has no JSON form"},
		"unknown union": {&struct {
			E error `json:"m"`
		}{}, "error is an interface that the language does not know"},
		"no tag": {&struct {
			M struct{ A int } `json:"m"`
		}{}, "field A of struct { A int } has no json tag"},
		"no name": {&struct {
			M struct {
				A int `json:",omitzero"`
			} `json:"m"`
		}{}, "field A has no name in its json tag"},
		"twice": {&struct {
			M struct {
				table
				N int `json:"number"`
			} `json:"m"`
		}{}, `two fields have the name "number"`},
		"self and more": {&struct {
			M struct {
				A int `document:"self"`
				B int `json:"b"`
			} `json:"m"`
		}{}, "has a field that stands for all of it, and others"},
		"self inside": {&struct {
			M struct{ without } `json:"m"`
		}{}, "embeds document_test.without, which is written as one of its fields"},
		"reads, no more": {&struct {
			M deaf `json:"m"`
		}{}, "document_test.deaf reads itself but is no json.Marshaler"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := document.Parse([]byte(`{"m": 1}`))
			require.NoError(t, err)
			require.ErrorContains(t, bar.Decode(n, c.v), "m: cannot be read: ")
			require.ErrorContains(t, bar.Decode(n, c.v), c.want)
			_, err = bar.Encode(c.v)
			require.ErrorContains(t, err, c.want)
			_, err = bar.Schema(c.v, "id", "title")
			require.ErrorContains(t, err, c.want)
		})
	}
	n, err := document.Parse([]byte(`1`))
	require.NoError(t, err)
	for _, target := range []any{nil, 5, (*int)(nil)} {
		require.ErrorContains(t, bar.Decode(n, target), "give a pointer")
	}
	_, err = bar.Schema(nil, "id", "title")
	require.Error(t, err)
}

type deaf struct{ document.Custom }

func TestMistakesInUnionsAreTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		unions []document.Union
		want   string
	}{
		"no interface": {[]document.Union{document.UnionOf[int]()}, "int is no interface type and so no union"},
		"zero":         {make([]document.Union, 1), "is no interface type and so no union"},
		"no key":       {[]document.Union{document.UnionOf[drink](document.Case{Value: tea{}})}, "has no key"},
		"key twice":    {[]document.Union{document.UnionOf[drink](document.Case{Key: "a", Value: tea{}}, document.Case{Key: "a", Value: glass{}})}, `has two cases "a"`},
		"type twice":   {[]document.Union{document.UnionOf[drink](document.Case{Key: "a", Value: tea{}}, document.Case{Key: "b", Value: tea{}})}, `document_test.tea is behind "a" and "b"`},
		"no value":     {[]document.Union{document.UnionOf[drink](document.Case{Key: "a"})}, `the type <nil>`},
		"other type":   {[]document.Union{document.UnionOf[drink](document.Case{Key: "a", Value: 5})}, `the type int`},
		"pointer":      {[]document.Union{document.UnionOf[drink](document.Case{Key: "a", Value: &tea{}})}, `the type *document_test.tea`},
		"twice":        {[]document.Union{document.UnionOf[drink](), document.UnionOf[drink]()}, "document_test.drink has two unions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := document.NewLanguage(c.unions...)
			n, err := document.Parse([]byte(`1`))
			require.NoError(t, err)
			_, encoding := l.Encode(1)
			_, member := l.EncodeMember("key", 1)
			_, describing := l.Schema(1, "id", "title")
			for _, err := range []error{l.Decode(n, new(int)), encoding, member, describing} {
				require.ErrorContains(t, err, c.want)
				require.False(t, errors.Is(err, customer.ErrDefinition), "it is the program that is wrong")
			}
		})
	}
}

func TestKeyNamesTheCase(t *testing.T) {
	t.Parallel()
	u := document.UnionOf[drink](document.Case{Key: "tea", Value: tea{}})
	assert.Equal(t, "tea", u.Key(tea{}))
	assert.Empty(t, u.Key(glass{}))
	assert.Empty(t, u.Key(nil))
}

func TestMembersAreWrittenAlone(t *testing.T) {
	t.Parallel()
	written, err := bar.EncodeMember("glass", glass{Volume: 1})
	require.NoError(t, err)
	assert.Equal(t, `{"glass":{"volume":1}}`, string(written))
	_, err = bar.EncodeMember("drink", without{})
	require.EqualError(t, err, "drink: is nil; a drink is required")
	_, err = bar.EncodeMember("drink", nil)
	require.Error(t, err)
}
