package segment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// did returns a customer who did things, a letter each, at hours of a day.
func did(acts map[string][]int) *world {
	w := &world{zone: time.UTC}
	for name, hours := range acts {
		for i, hour := range hours {
			at := utc("2026-01-01 00:00").Add(time.Duration(hour) * time.Hour)
			w.act(customer.Activity{ID: name + string(rune('0'+i)), Name: name, At: at})
		}
	}
	return w
}

// hour returns an hour of that day, or of a later one.
func hour(n int) time.Time { return utc("2026-01-01 00:00").Add(time.Duration(n) * time.Hour) }

func TestAnAbandonedCart(t *testing.T) {
	t.Parallel()
	cart := segment.Sequence{First: segment.Did("cart"), Then: segment.Did("order"), In: customer.Hours(2), Within: customer.Days(1)}
	for _, tt := range []struct {
		name                              string
		acts                              map[string][]int
		followed, notFollowed, unanswered []stretch
	}{
		{
			"nothing comes",
			map[string][]int{"cart": {1}},
			[]stretch{{hour(1), false}},
			[]stretch{{hour(1), false}, {hour(3), true}, {hour(25), false}},
			[]stretch{{hour(1), false}, {hour(3), true}, {hour(25), false}},
		},
		{
			"in time",
			map[string][]int{"cart": {1}, "order": {2}},
			[]stretch{{hour(2), true}, {hour(25), false}},
			[]stretch{{hour(2), false}},
			[]stretch{{hour(2), false}},
		},
		{
			"at the same instant",
			map[string][]int{"cart": {1}, "order": {1}},
			[]stretch{{hour(1), true}, {hour(25), false}},
			[]stretch{{hour(1), false}},
			[]stretch{{hour(1), false}},
		},
		{
			"just too late",
			map[string][]int{"cart": {1}, "order": {3}},
			[]stretch{{hour(3), false}},
			[]stretch{{hour(3), true}, {hour(25), false}},
			[]stretch{{hour(3), false}},
		},
		{
			"before it",
			map[string][]int{"cart": {1}, "order": {0}},
			[]stretch{{hour(1), false}},
			[]stretch{{hour(1), false}, {hour(3), true}, {hour(25), false}},
			[]stretch{{hour(1), false}, {hour(3), true}, {hour(25), false}},
		},
		{
			"one of two",
			map[string][]int{"cart": {1, 5}, "order": {2}},
			[]stretch{{hour(5), true}, {hour(25), false}},
			[]stretch{{hour(5), false}, {hour(7), true}, {hour(29), false}},
			[]stretch{{hour(5), false}, {hour(7), true}, {hour(29), false}},
		},
		{
			"one behind the other",
			map[string][]int{"cart": {1, 22}},
			[]stretch{{hour(22), false}},
			[]stretch{{hour(22), true}, {hour(46), false}}, // the second begins before the first ends
			[]stretch{{hour(22), true}, {hour(46), false}},
		},
		{
			"one after the other",
			map[string][]int{"cart": {0, 23}},
			[]stretch{{hour(23), false}},
			[]stretch{{hour(23), true}, {hour(24), false}, {hour(25), true}, {hour(47), false}},
			[]stretch{{hour(23), true}, {hour(24), false}, {hour(25), true}, {hour(47), false}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := did(tt.acts)
			assertStretches(t, w, cart.Followed(), tt.followed...)
			assertStretches(t, w, cart.NotFollowed(), tt.notFollowed...)
			assertStretches(t, w, cart.Unanswered(), tt.unanswered...)
		})
	}
}

// With no In a First is unanswered at once, and with no Within for ever.
func TestASequenceOfAllTime(t *testing.T) {
	t.Parallel()
	s := segment.Sequence{First: segment.Did("ask"), Then: segment.Did("reply")}
	for _, tt := range []struct {
		acts                  map[string][]int
		followed, notFollowed bool
	}{
		{map[string][]int{}, false, false},
		{map[string][]int{"reply": {1}}, false, false},
		{map[string][]int{"ask": {1}}, false, true},
		{map[string][]int{"ask": {1}, "reply": {9}}, true, false},
		{map[string][]int{"ask": {1, 8}, "reply": {2}}, true, true},
	} {
		for p, want := range map[string]bool{"followed": tt.followed, "not": tt.notFollowed, "unanswered": tt.notFollowed} {
			of := map[string]segment.Predicate{"followed": s.Followed(), "not": s.NotFollowed(), "unanswered": s.Unanswered()}[p]
			truth, flip := did(tt.acts).ask(t, of, hour(10))
			assert.Equal(t, want, truth, "%v: %v", of, tt.acts)
			assert.Zero(t, flip)
		}
	}
}

// A fact does not follow itself, but another of its kind follows it.
func TestAFactDoesNotFollowItself(t *testing.T) {
	t.Parallel()
	again := segment.Sequence{First: segment.Did("visit"), Then: segment.Did("visit")}
	bothKinds := segment.Sequence{First: segment.Buys(customer.Filter{}), Then: segment.Did("visit")}
	for _, tt := range []struct {
		acts map[string][]int
		want bool
	}{{map[string][]int{"visit": {1}}, false}, {map[string][]int{"visit": {1, 1}}, true}, {map[string][]int{"visit": {1, 5}}, true}} {
		truth, _ := did(tt.acts).ask(t, again.Followed(), hour(10))
		assert.Equal(t, tt.want, truth, "%v", tt.acts)
	}
	w := did(map[string][]int{"visit": {1}}) // the first of both lists, at one instant
	w.buy(customer.Purchase{ID: "p", At: hour(1), Amount: 1})
	truth, _ := w.ask(t, bothKinds.Followed(), hour(10))
	assert.True(t, truth)
}
