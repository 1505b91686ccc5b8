package document_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
)

func drinks() *rapid.Generator[drink] {
	return rapid.OneOf(
		rapid.Just[drink](tea{}),
		rapid.Map(rapid.String(), func(s string) drink { return named(s) }),
		rapid.Map(rapid.Int64(), func(n int64) drink { return glass{n, n%2 == 0} }),
		rapid.Custom(func(t *rapid.T) drink { return mixed{some(t, rapid.Deferred(drinks))} }),
		rapid.Map(rapid.Deferred(drinks), func(of drink) drink { return without{of} }),
	)
}

var values = rapid.Custom(func(t *rapid.T) customer.Value {
	at := time.UnixMicro(rapid.Int64Range(-2e15, 2e17).Draw(t, "micros")).UTC()
	return rapid.SampledFrom([]customer.Value{
		customer.Text(rapid.String().Draw(t, "text")), customer.Bool(at.Day() == 1),
		customer.Number(rapid.Float64().Draw(t, "number")), customer.Instant(at), customer.DateValue(at.Date()),
	}).Draw(t, "value")
})

func some[T any](t *rapid.T, of *rapid.Generator[T]) []T {
	if list := rapid.SliceOfN(of, 0, 3).Draw(t, "list"); len(list) > 0 {
		return list
	}
	return nil
}

func anOrder(t *rapid.T) order {
	at := time.UnixMicro(rapid.Int64Range(-2e15, 2e17).Draw(t, "micros")).UTC()
	parts := rapid.SliceOfN(rapid.IntRange(0, 100_000), 4, 4).Draw(t, "parts")
	o := order{
		Guest: rapid.String().Draw(t, "guest"), Cents: rapid.Int64().Draw(t, "cents"), Share: rapid.Float64().Draw(t, "share"),
		Chairs: rapid.Uint8().Draw(t, "chairs"), Small: rapid.Int8().Draw(t, "small"), Notes: some(t, rapid.String()),
		Day: customer.DateOf(at), At: customer.Clock(at.Hour(), at.Minute()), Since: at,
		Open:   customer.Weekdays(rapid.IntRange(0, 1<<7-1).Draw(t, "open")),
		Months: some(t, rapid.SampledFrom([]time.Month{1, 6, 12})), Values: some(t, values),
		Within: customer.Period{
			Years: parts[0], Months: parts[1], Weeks: parts[2], Days: parts[3],
			Exact: time.Duration(rapid.Int64Range(0, 9e15).Draw(t, "exact")) * time.Microsecond,
		},
		Of: customer.Filter{SKUs: some(t, rapid.String()), MinAmount: rapid.Int64().Draw(t, "least")},
	}
	if rapid.Bool().Draw(t, "mark") {
		o.Drink = drinks().Draw(t, "drink")
		o.Mark = mark{rapid.Int().Draw(t, "n"), o.Drink}
	}
	return o
}

func TestEveryValueSurvivesItsTextAndFitsTheSchema(t *testing.T) {
	t.Parallel()
	s := schema(t)
	rapid.Check(t, func(r *rapid.T) {
		o := anOrder(r)
		written, err := bar.Encode(o)
		require.NoError(r, err)
		got, err := read[order](string(written))
		require.NoError(r, err)
		require.Equal(r, o, got)
		require.NoError(r, fits(t, s, string(written)))
	})
}

func TestLanguagesMayBeUsedConcurrently(t *testing.T) {
	t.Parallel()
	l := document.NewLanguage(document.UnionOf[drink](document.Case{Key: "tea", Value: tea{}}))
	n, err := document.Parse([]byte(strings.Repeat(`[`, 3) + `{"tea": {}}` + strings.Repeat(`]`, 3)))
	require.NoError(t, err)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			var of [][][]drink
			if err := l.Decode(n, &of); err != nil {
				t.Error(err)
			}
			if written, err := l.Encode(of); err != nil || string(written) != `[[[{"tea":{}}]]]` {
				t.Error(string(written), err)
			}
			if _, err := l.Schema(of, "id", "title"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
