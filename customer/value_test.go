package customer_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
)

func TestValueKeepsWhatItWasGiven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, f, b, d := rapid.String().Draw(t, "text"), rapid.Float64().Draw(t, "number"), rapid.Bool().Draw(t, "truth"), drawDate(t, "date")
		at := time.UnixMicro(rapid.Int64Range(-1<<55, 1<<55).Draw(t, "micros")).UTC()

		text, ok := customer.Text(s).AsText()
		require.True(t, ok)
		require.Equal(t, s, text)
		number, ok := customer.Number(f).AsNumber()
		require.True(t, ok)
		require.Equal(t, f, number)
		truth, ok := customer.Bool(b).AsBool()
		require.True(t, ok)
		require.Equal(t, b, truth)
		day, ok := customer.DateValue(d.Year, d.Month, d.Day).AsDate()
		require.True(t, ok)
		require.Equal(t, d, day)
		instant, ok := customer.Instant(at).AsInstant()
		require.True(t, ok)
		require.Equal(t, at, instant)
	})
}

// oneOfEach holds values whose bits a careless reader takes for another kind's.
func oneOfEach() map[customer.Kind][]customer.Value {
	return map[customer.Kind][]customer.Value{
		customer.Nothing:    {{}},
		customer.TextKind:   {customer.Text(""), customer.Text("true"), customer.Text("1")},
		customer.NumberKind: {customer.Number(0), customer.Number(1), customer.Number(math.Float64frombits(1)), customer.Number(math.Inf(1))},
		customer.BoolKind:   {customer.Bool(false), customer.Bool(true)},
		customer.DateKind:   {customer.DateValue(1970, 1, 1), customer.DateValue(1900, 2, 28)},
		customer.TimeKind:   {customer.Instant(time.Unix(0, 0)), customer.Instant(time.UnixMicro(1))},
	}
}

func TestValueIsOfOneKindAndNothingElse(t *testing.T) {
	t.Parallel()
	for kind, values := range oneOfEach() {
		for _, v := range values {
			assert.Equal(t, kind, v.Kind())
			assert.Equal(t, kind == customer.Nothing, v.IsZero())
			text, isText := v.AsText()
			number, isNumber := v.AsNumber()
			truth, isTruth := v.AsBool()
			day, isDate := v.AsDate()
			at, isInstant := v.AsInstant()
			assert.Equal(t, kind == customer.TextKind, isText)
			assert.Equal(t, kind == customer.NumberKind, isNumber)
			assert.Equal(t, kind == customer.BoolKind, isTruth)
			assert.Equal(t, kind == customer.DateKind, isDate)
			assert.Equal(t, kind == customer.TimeKind, isInstant)
			assert.True(t, isText || text == "", "%v is no text but gives one", v)
			assert.True(t, isNumber || number == 0, "%v is no number but gives one", v)
			assert.True(t, isTruth || !truth, "%v is no truth but gives one", v)
			assert.True(t, isDate || day.IsZero(), "%v is no date but gives one", v)
			assert.True(t, isInstant || at.IsZero(), "%v is no instant but gives one", v)
		}
	}
}

func TestValuesOfDifferentKindsAreNeverEqual(t *testing.T) {
	t.Parallel()
	var all []customer.Value
	for _, values := range oneOfEach() {
		all = append(all, values...)
	}
	for i := range all {
		for j := range all {
			assert.Equal(t, i == j, all[i] == all[j], "%v and %v", all[i], all[j])
		}
	}
}

func TestValuesCompare(t *testing.T) {
	t.Parallel()
	at := utc(t, "2026-03-09 10:00")
	assert.Equal(t, customer.Number(1), customer.Number(1))
	assert.True(t, customer.Instant(at) == customer.Instant(at.In(zone(t, "Asia/Tokyo"))), "an instant has no location")
	assert.True(t, customer.Instant(at) == customer.Instant(at.Add(999)), "kept to the microsecond")
	assert.False(t, customer.Instant(at) == customer.Instant(at.Add(time.Microsecond)))
	assert.False(t, customer.Text("a") == customer.Text("A"))
}

func TestMinusZeroIsZero(t *testing.T) {
	t.Parallel()
	minus := math.Copysign(0, -1)
	assert.True(t, customer.Number(minus) == customer.Number(0))
	assert.Equal(t, "0", customer.Number(minus).String())
	f, _ := customer.Number(minus).AsNumber()
	assert.False(t, math.Signbit(f))
}

func TestNaNIsNothing(t *testing.T) {
	t.Parallel()
	assert.True(t, customer.Number(math.NaN()).IsZero())
	assert.True(t, customer.Number(math.Float64frombits(0xfff8000000000001)).IsZero())
	assert.Equal(t, customer.Value{}, customer.Number(math.NaN()))
}

func TestWhatDoesNotExistIsNothing(t *testing.T) {
	t.Parallel()
	assert.True(t, customer.DateValue(2026, 2, 29).IsZero())
	assert.True(t, customer.DateValue(0, 0, 0).IsZero())
	assert.True(t, customer.DateValue(2026, 13, 1).IsZero())
	assert.True(t, customer.DateValue(10_000, 1, 1).IsZero())
	assert.True(t, customer.Instant(time.Time{}).IsZero())
	assert.False(t, customer.Text("").IsZero(), "an empty text is something")
	assert.False(t, customer.Bool(false).IsZero())
	assert.False(t, customer.Number(0).IsZero())
	assert.False(t, customer.Instant(time.Unix(0, 0)).IsZero(), "1970 is an instant like any other")
	assert.False(t, customer.DateValue(1970, 1, 1).IsZero())
}

func TestValuesBefore1970(t *testing.T) {
	t.Parallel()
	d, ok := customer.DateValue(1904, 2, 29).AsDate()
	require.True(t, ok)
	assert.Equal(t, date(1904, 2, 29), d)
	d, ok = customer.DateValue(1, 1, 1).AsDate()
	require.True(t, ok)
	assert.Equal(t, date(1, 1, 1), d)

	at := time.Date(1955, 6, 1, 1, 2, 3, 4_999, time.UTC)
	got, ok := customer.Instant(at).AsInstant()
	require.True(t, ok)
	assert.Equal(t, at.Truncate(time.Microsecond), got)
}

func TestValueString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		v    customer.Value
		want string
	}{
		{customer.Value{}, ""},
		{customer.Text("blue"), "blue"},
		{customer.Number(42), "42"},
		{customer.Number(-0.25), "-0.25"},
		{customer.Number(1e21), "1000000000000000000000"},
		{customer.Bool(true), "true"},
		{customer.Bool(false), "false"},
		{customer.DateValue(1990, 3, 9), "1990-03-09"},
		{customer.Instant(time.Date(2026, 3, 9, 10, 0, 0, 5_000, zone(t, "Asia/Tokyo"))), "2026-03-09T01:00:00.000005Z"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, tt.v.String())
	}
}

func TestFieldsAgreeWithAMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var fields customer.Fields
		model := map[string]customer.Value{}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "name")
			value := rapid.SampledFrom([]customer.Value{{}, customer.Text("x"), customer.Number(1), customer.Bool(false)}).Draw(t, "value")
			before := slices.Clone(fields)
			next := fields.With(name, value)
			require.Equal(t, before, fields, "With changes a copy")
			if fields = next; value.IsZero() {
				delete(model, name)
			} else {
				model[name] = value
			}
			require.Len(t, fields, len(model))
			for name := range model {
				require.Equal(t, model[name], fields.Get(name))
			}
			require.True(t, slices.IsSortedFunc(fields, func(a, b customer.Field) int { return int(a.Name[0]) - int(b.Name[0]) }))
		}
		require.Zero(t, fields.Get("none"))
	})
}

func TestFieldsWithNeverAliases(t *testing.T) {
	t.Parallel()
	roomy := make(customer.Fields, 0, 10)
	roomy = append(roomy, customer.Field{Name: "b", Value: customer.Number(2)})
	first := roomy.With("c", customer.Number(3))
	second := roomy.With("d", customer.Number(4))
	assert.Equal(t, customer.Number(3), first.Get("c"), "the second With wrote over the first")
	assert.Zero(t, first.Get("d"))
	assert.Zero(t, second.Get("c"))

	same := roomy.With("b", customer.Number(2))
	same[0].Value = customer.Number(99)
	assert.Equal(t, customer.Number(2), roomy.Get("b"))

	out := first.With("b", customer.Value{})
	out[0].Value = customer.Number(99)
	assert.Equal(t, customer.Number(3), first.Get("c"))
	assert.Equal(t, customer.Number(2), first.Get("b"), "taking a field out of the copy does not clear it here")
}

func TestFieldsBuiltByHandNeedNoOrder(t *testing.T) {
	t.Parallel()
	f := customer.Fields{{Name: "z", Value: customer.Number(1)}, {Name: "a", Value: customer.Number(2)}}
	assert.Equal(t, customer.Number(2), f.Get("a"))
	got := f.With("m", customer.Number(3))
	assert.Equal(t, []string{"a", "m", "z"}, []string{got[0].Name, got[1].Name, got[2].Name})
	assert.Equal(t, "z", f[0].Name)
	assert.Empty(t, customer.Fields(nil).With("a", customer.Value{}))
}
