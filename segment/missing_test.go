package segment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// textOps are the comparisons of texts.
var textOps = append(numberOps[:len(numberOps):len(numberOps)], segment.Contains, segment.HasPrefix, segment.HasSuffix)

// times returns as many of a value as the comparison takes.
func times[T any](op segment.Op, v T) []T {
	if op == segment.Between {
		return []T{v, v}
	}
	return []T{v}
}

// comparisons returns every comparison with something of which a customer may
// have nothing.
func comparisons() (all []segment.Predicate) {
	tea := customer.Filter{Categories: []string{"tea"}}
	for _, op := range textOps {
		for _, a := range attributes[1:] { // there is always an ID
			all = append(all, segment.Card(a, op, times(op, "x")...))
		}
		all = append(all, segment.SourcePart(1, op, times(op, "x")...), segment.Field("x", op, times(op, customer.Text("x"))...))
	}
	for _, op := range numberOps {
		zero := times(op, int64(0))
		if op == segment.Less {
			zero = times(op, int64(1)) // nothing is less than zero
		}
		for _, v := range []customer.Value{customer.Number(0), customer.DateValue(2026, 1, 1), customer.Instant(utc("2026-01-01 00:00"))} {
			all = append(all, segment.Field("x", op, times(op, v)...))
		}
		for _, of := range []segment.Purchases{{}, {Of: tea}, {Within: customer.Days(30)}, {From: customer.Date{Year: 2026, Month: 1, Day: 1}}} {
			all = append(all, of.Average(op, zero...), of.Largest(op, zero...), of.Smallest(op, zero...),
				of.MeanInterval(op, times(op, customer.Days(1))...), of.MedianInterval(op, times(op, customer.Days(1))...))
		}
		cycle := segment.Purchases{Of: tea, Cycle: "p"} // there is none
		all = append(all, cycle.Count(op, zero...), cycle.Total(op, zero...), cycle.Categories(op, zero...), cycle.SKUs(op, zero...),
			segment.Activities{Name: "a", Cycle: "p"}.Count(op, zero...), segment.CycleNumber("p", op, zero...),
			segment.Purchases{Of: tea}.Share(op, zero...))
		scale := segment.Scale{Recency: []customer.Period{customer.Days(1)}, Frequency: []int64{1}, Money: []int64{1}}
		one := times(op, int64(1))
		all = append(all, scale.Recent(op, one...), scale.Frequent(op, one...), scale.Monetary(op, one...))
	}
	for _, truth := range []bool{true, false} {
		for _, op := range []segment.Op{segment.Equal, segment.NotEqual, segment.OneOf, segment.NoneOf} {
			all = append(all, segment.Field("x", op, customer.Bool(truth)))
		}
	}
	return append(all, onMissingMoments()...)
}

func onMissingMoments() (all []segment.Predicate) {
	first, end := customer.Date{Year: 1990, Month: 1, Day: 1}, customer.Date{Year: 2100, Month: 1, Day: 1}
	tea := customer.Filter{Categories: []string{"tea"}}
	for _, m := range []segment.Moment{
		segment.Created(), segment.FirstPurchase(), segment.LastPurchase(), segment.FirstPurchaseOf(tea), segment.LastPurchaseOf(tea),
		segment.FirstActivity("a"), segment.LastActivity("a"), segment.DateIn("x"),
		segment.NextPurchase("p"), segment.CycleStart("p"), segment.StageStart("p"),
	} {
		d := customer.Years(1)
		all = append(all, m.Within(d), m.Ago(d), m.Ahead(d), m.Before(end), m.From(first), m.Between(first, end), m.Known(true),
			m.Anniversary(customer.Months(5), customer.Months(5)))
	}
	return append(all, segment.Lapsed(customer.Filter{}, 1), segment.InPipeline("p"), segment.InStage("p", "s"), segment.Closed("p"),
		segment.Closed("p", "lost"), segment.HasTag("x"), segment.HasAllTags("x"), segment.Consent("sms", segment.Granted), segment.Consent("sms", segment.Denied))
}

// A comparison with something missing is false whatever the comparison, and Not
// of it is true. What asks whether it is missing is true.
func TestWhatIsMissingComparesAsFalse(t *testing.T) {
	t.Parallel()
	f := tags()
	f.Customer.Fields = customer.Fields{{Name: "text", Value: customer.Text("5")}}
	f.At(utc("2026-01-01 00:00"))
	for _, p := range comparisons() {
		assertNow(t, f, p, false)
		assertNow(t, f, segment.Not(p), true)
	}
	for _, a := range attributes[1:] {
		assertNow(t, f, segment.Empty(a), true)
	}
	for _, p := range []segment.Predicate{
		segment.NoField("x"), segment.HasNoTag("x"), segment.Consent("sms", segment.Unasked), segment.Never("a"),
		segment.Created().Known(false), segment.LastPurchase().Known(false), segment.NextPurchase("p").Known(false),
	} {
		assertNow(t, f, p, true)
		assertNow(t, f, segment.Not(p), false)
	}
}

// assertNow checks what a predicate is, for ever.
func assertNow(t *testing.T, f *segment.Facts, p segment.Predicate, want bool) {
	t.Helper()
	truth, flip := ask(t, f, p)
	assert.Equal(t, want, truth, "%v", p)
	assert.Zero(t, flip, "%v", p)
}

// A value of another kind is as good as none.
func TestAFieldOfAnotherKindComparesAsFalse(t *testing.T) {
	t.Parallel()
	f := tags()
	f.At(utc("2026-01-01 00:00"))
	for _, have := range values {
		f.Customer.Fields = customer.Fields{{Name: "x", Value: have}}
		for _, op := range textOps {
			asked := customer.Text("5")
			if have.Kind() == customer.TextKind {
				asked = customer.Number(5)
			}
			if asked.Kind() == customer.NumberKind && op > segment.NoneOf {
				continue
			}
			assertNow(t, f, segment.Field("x", op, times(op, asked)...), false)
		}
		isDate := have.Kind() == customer.DateKind || have.Kind() == customer.TimeKind
		assertNow(t, f, segment.DateIn("x").Known(true), isDate)
		assertNow(t, f, segment.NoField("x"), have == customer.Text(""))
	}
}

// Numbers and sums of nothing are zero, and so there.
func TestCountsAndTotalsOfNothingAreZero(t *testing.T) {
	t.Parallel()
	f := tags()
	f.At(utc("2026-01-01 00:00"))
	for _, of := range []segment.Purchases{{}, {Within: customer.Days(1)}, {Of: customer.Filter{Sources: []string{"x"}}}} {
		for _, op := range numberOps {
			n := int64(0)
			if op == segment.Less {
				n = 1 // nothing is less than zero
			}
			zero := times(op, n)
			want := passes(0, op, zero)
			for _, p := range []segment.Predicate{of.Count(op, zero...), of.Total(op, zero...), of.Categories(op, zero...), of.SKUs(op, zero...)} {
				assertNow(t, f, p, want)
			}
			assertNow(t, f, segment.Activities{Name: "a", Within: of.Within}.Count(op, zero...), want)
		}
	}
}

// A cycle that is there, but of which nothing more is known.
func TestABareCycle(t *testing.T) {
	t.Parallel()
	f := tags()
	f.Cycles = []customer.Cycle{{Pipeline: "p", Number: 1, Started: utc("2025-12-01 00:00"), Closed: "refused"}}
	f.At(utc("2026-01-01 00:00"))
	for _, tt := range []struct {
		of   segment.Predicate
		want bool
	}{
		{segment.InPipeline("p"), true},
		{segment.InPipeline("q"), false},
		{segment.InStage("p", "s"), false},
		{segment.StageStart("p").Known(true), false},
		{segment.NextPurchase("p").Known(true), false},
		{segment.CycleStart("p").Known(true), true},
		{segment.Closed("p"), true},
		{segment.Closed("p", "lost"), false},
		{segment.Closed("p", "lost", "refused"), true},
		{segment.Activities{Name: "a", Cycle: "p"}.Count(segment.Equal, 0), true},
		{segment.Weekday(time.Thursday), true},
	} {
		truth, _ := ask(t, f, tt.of)
		assert.Equal(t, tt.want, truth, "%v", tt.of)
	}
}
