package pipeline_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
)

// wasIn returns olga's segments at an instant, each as "regular since 03-02 10:00".
func (s *shop) wasIn(at time.Time) []string {
	s.t.Helper()
	members, err := s.At(s.t.Context(), "olga", at)
	require.NoError(s.t, err)
	lines := []string{}
	for _, m := range members {
		lines = append(lines, m.Segment+" since "+m.Since.Format("01-02 15:04"))
	}
	return lines
}

var activeAndBuyer = pipeline.Definitions{Segments: []segment.Segment{
	{ID: "buyer", Enter: segment.Purchases{}.Count(segment.AtLeast, 1)},
	{ID: "active", Enter: segment.PurchasedWithin(customer.Days(10))},
}}

func TestAtTellsThePast(t *testing.T) {
	t.Parallel()
	s := setup(t, activeAndBuyer)
	for _, day := range []string{"2026-03-05 12:00", "2026-03-20 12:00"} {
		s.tick(at(day))
		s.buys(day)
	}
	s.tick(at("2026-04-01 12:00"))
	for _, row := range []struct {
		at   string
		want []string
	}{
		{"2026-03-01 00:00", []string{}},
		{"2026-03-05 11:59", []string{}},
		{"2026-03-05 12:00", []string{"active since 03-05 12:00", "buyer since 03-05 12:00"}},
		{"2026-03-15 11:59", []string{"active since 03-05 12:00", "buyer since 03-05 12:00"}},
		{"2026-03-15 12:00", []string{"buyer since 03-05 12:00"}},
		{"2026-03-20 12:00", []string{"active since 03-20 12:00", "buyer since 03-05 12:00"}},
		{"2026-03-30 12:00", []string{"buyer since 03-05 12:00"}},
		{"2026-04-01 12:00", []string{"buyer since 03-05 12:00"}},
	} {
		assert.Equal(t, row.want, s.wasIn(at(row.at)), row.at)
	}
	assert.Equal(t, []string{"buyer since 03-05 12:00"}, s.wasIn(time.Time{}), "zero is now")
}

func TestAtKnowsWhatWasStepped(t *testing.T) {
	t.Parallel()
	s := setup(t, activeAndBuyer)
	s.buys("1")
	s.clock.set(at("2026-03-20 10:00"))
	was := []string{"active since 03-02 10:00", "buyer since 03-02 10:00"}
	assert.Equal(t, was, s.wasIn(s.clock.Now()), "nobody has ticked")
	s.tick(s.clock.Now())
	assert.Equal(t, []string{"buyer since 03-02 10:00"}, s.wasIn(s.clock.Now()))
	assert.Equal(t, was, s.wasIn(at("2026-03-12 09:59")))
}

// What is known late counts from when it takes effect: when it happened or, where
// the clock had already moved the customer, from there.
func TestAtAfterALateFact(t *testing.T) {
	t.Parallel()
	s := setup(t, activeAndBuyer)
	s.tick(at("2026-03-05 12:00"))
	assert.Equal(t, []string{}, s.wasIn(s.clock.Now()))
	s.must(bought("late", at("2026-03-04 12:00")))
	was := []string{"active since 03-04 12:00", "buyer since 03-04 12:00"}
	assert.Equal(t, was, s.wasIn(s.clock.Now()))
	assert.Equal(t, was, s.wasIn(at("2026-03-04 12:00")))
	assert.Equal(t, []string{}, s.wasIn(at("2026-03-04 11:59")))

	s.tick(at("2026-03-16 12:00"))
	left := at("2026-03-14 12:00")
	assert.Equal(t, []string{"buyer since 03-04 12:00"}, s.wasIn(left))
	s.must(bought("later", at("2026-03-10 12:00")))
	assert.Equal(t, was, s.wasIn(left.Add(-time.Minute)), "what was before she left is as it was")
	assert.Equal(t, []string{"active since 03-14 12:00", "buyer since 03-04 12:00"}, s.wasIn(left))
}

func TestAtFails(t *testing.T) {
	t.Parallel()
	s := setup(t, activeAndBuyer)
	_, err := s.At(t.Context(), "nobody", opening)
	require.ErrorIs(t, err, pipeline.ErrUnknownCustomer)

	_, err = s.At(t.Context(), "olga", opening.Add(time.Microsecond))
	require.ErrorIs(t, err, customer.ErrInvalid)
	var fault *customer.FieldError
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, "at", fault.Field)
	assert.Equal(t, "olga", fault.ID)
	_, err = s.At(t.Context(), "olga", opening.Add(time.Nanosecond))
	require.NoError(t, err, "times are kept to the microsecond")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.At(ctx, "olga", opening)
	require.ErrorIs(t, err, context.Canceled)
}

// remembered is what a record said at an instant.
type remembered struct {
	at      time.Time
	members []segment.Membership
}

// TestAtIsWhatWasRecorded plays histories, writes down the memberships behind
// every move, and asks for them at the end.
func TestAtIsWhatWasRecorded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		l := newLab(t, w)
		var seen []remembered
		for _, m := range g.script(&w, 12, func(*script) {}) {
			l.clock.set(m.now)
			if m.input != nil && l.Apply(t.Context(), m.input) == nil {
				// What was remembered from where it took effect on was not knowing of it.
				effect := l.record().AsOf
				seen = slices.DeleteFunc(seen, func(r remembered) bool { return !r.at.Before(effect) })
			}
			_, err := l.Tick(t.Context())
			require.NoError(t, err)
			seen = append(seen, remembered{m.now, l.record().Segments})
		}
		for _, r := range seen {
			got, err := l.At(t.Context(), "olga", r.at)
			require.NoError(t, err)
			require.True(t, slices.Equal(r.members, got), "at %v she was in %v, not in %v", r.at, r.members, got)
		}
	})
}
