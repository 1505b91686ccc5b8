package pipeline_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// errUnknown is what a SQL store says where a connection breaks during a commit.
var errUnknown = fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, errCut)

// breaks is a shop whose store can break off in the middle.
type breaks struct {
	*shop
	store *faulty
}

func newBreaks(t *testing.T) breaks {
	t.Helper()
	f := &faulty{faults: map[string]error{
		"Commit": errUnknown, "Settle": errUnknown, "ClaimWakeUps": errUnknown, "ClaimDeliveries": errUnknown,
	}}
	d := of(nails(), sends("thank", trigger.Purchase(), followUp), sends("wait", trigger.StageEntered("nails", "waiting")),
		sends("refused", trigger.CycleClosed("nails")))
	s := setup(t, d, onFaulty(f))
	s.buys("a")
	s.tick(opening.Add(time.Hour))
	return breaks{s, f}
}

// next breaks off the next n calls of a method, when all is done, or nothing.
func (b breaks) next(method string, done bool, n int) {
	if done {
		b.store.after[method] = n
	} else {
		b.store.before[method] = n
	}
}

// holds is all there is, but for how often records were committed.
func (b breaks) holds() string {
	return versions.ReplaceAllString(dump(b.t, b.store.Store), "")
}

// everyInput is inputs of every kind that can be taken in an hour after opening.
func everyInput() []customer.Input {
	now := opening.Add(time.Hour)
	by := customer.By{Actor: "eva", Reason: "asked"}
	return []customer.Input{
		customer.Customer{ID: "igor", Phones: phones},
		bought("b", now),
		customer.Refund{ID: "r", Customer: "olga", Purchase: "a", At: now},
		customer.Activity{ID: "x", Customer: "olga", Name: "page_view", At: now},
		customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Tags = []string{"fan"} }, By: by},
		customer.Assignment{Customer: "olga", Manager: "max", By: by},
		customer.StageMove{Customer: "olga", Pipeline: "nails", Stage: "call", By: by},
		customer.NextMove{Customer: "olga", Pipeline: "nails", Next: now.AddDate(0, 0, 3), By: by},
		customer.Pause{Customer: "olga", Until: now.AddDate(0, 0, 2), By: by},
		customer.Refusal{Customer: "olga", Pipeline: "nails", By: by},
	}
}

// onceOnly is calls that would do something else if they were made twice.
func onceOnly() [][]customer.Input {
	now := opening.Add(time.Hour)
	by := func(seconds int) customer.By {
		return customer.By{Actor: "eva", Reason: "asked", At: now.Add(time.Duration(seconds) * time.Second)}
	}
	return [][]customer.Input{
		{customer.Edit{Customer: "olga", By: by(0), Change: func(c *customer.Customer) { c.Name += "x" }}},
		{customer.Edit{Customer: "olga", By: by(0), Change: func(*customer.Customer) {}}},
		{
			customer.Assignment{Customer: "olga", Manager: "max", By: by(0)},
			customer.Assignment{Customer: "olga", Manager: "eva", By: by(1)},
			customer.StageMove{Customer: "olga", Pipeline: "nails", Stage: "call", By: by(2)},
			customer.StageMove{Customer: "olga", Pipeline: "nails", Stage: "waiting", By: by(3)},
		},
		{
			customer.NextMove{Customer: "olga", Pipeline: "nails", Next: now.AddDate(0, 0, 3), By: by(0)},
			customer.Refund{ID: "r", Customer: "olga", Purchase: "a", At: now},
		},
	}
}

// A commit that breaks off is made again by Apply where it was not done: what comes
// of it is the same in any case.
func TestApplyGoesOnWhereTheOutcomeIsUnknown(t *testing.T) {
	t.Parallel()
	calls := append(onceOnly(), everyInput()) // all at once
	for _, in := range everyInput() {
		calls = append(calls, []customer.Input{in})
	}
	for i, inputs := range calls {
		calm := newBreaks(t)
		calm.must(inputs...)
		calm.tick(at("2026-03-08 12:00"))
		for _, done := range []bool{false, true} {
			for n := 1; n <= 2; n++ {
				name := fmt.Sprintf("%d %T, done: %t, times: %d", i, inputs[0], done, n)
				b := newBreaks(t)
				b.next("Commit", done, n)
				b.must(inputs...)
				b.tick(at("2026-03-08 12:00"))
				require.Equal(t, calm.holds(), b.holds(), name)
				require.Equal(t, calm.sentIDs(), b.sentIDs(), name)
			}
		}
	}
}

// A call that breaks off again and again says so, and can be made again.
func TestUnknownOutcomeIsTold(t *testing.T) {
	t.Parallel()
	b, calm := newBreaks(t), newBreaks(t)
	b.next("Commit", false, 3)
	err := b.RecordPurchase(t.Context(), bought("b", b.clock.Now()))
	require.ErrorIs(t, err, store.ErrOutcomeUnknown)
	require.NotContains(t, err.Error(), "Olga")
	b.buys("b")
	calm.buys("b")
	assert.Equal(t, calm.holds(), b.holds())
}

// Whatever goes wrong behind it, the outcome of a commit that broke off is not known.
func TestUnknownOutcomeIsNotForgotten(t *testing.T) {
	t.Parallel()
	b := newBreaks(t)
	b.next("Commit", true, 1)
	b.store.then["Commit"] = func() { b.store.before["Load"] = 1 }
	err := b.RecordPurchase(t.Context(), bought("b", b.clock.Now()))
	require.ErrorIs(t, err, store.ErrOutcomeUnknown)
	require.ErrorContains(t, err, "and then")
	assert.Equal(t, 2, b.record().Totals.Count, "it was done")
	b.must(bought("b", b.clock.Now()))
	assert.Equal(t, 2, b.record().Totals.Count)
}

// Whose caller has gone is not waited for.
func TestUnknownOutcomeOfACallThatWasGivenUp(t *testing.T) {
	t.Parallel()
	b := newBreaks(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.store.then["Commit"] = cancel
	b.next("Commit", true, 1)
	require.ErrorIs(t, b.RecordPurchase(ctx, bought("b", b.clock.Now())), store.ErrOutcomeUnknown)
	assert.Equal(t, 2, b.record().Totals.Count)
}

// A tick does not leave those it was at to their lease, nor sends twice what it could
// not settle at once.
func TestTickGoesOnWhereTheOutcomeIsUnknown(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"Commit", "Settle"} {
		for _, done := range []bool{false, true} {
			for n := 1; n <= 3; n++ {
				name := fmt.Sprintf("%s, done: %t, times: %d", method, done, n)
				b, calm := newBreaks(t), newBreaks(t)
				calm.tick(at("2026-03-03 12:00"))
				b.clock.set(at("2026-03-03 12:00"))
				b.next(method, done, n)
				_, err := b.Tick(t.Context())
				if n == 3 && (method == "Settle" || !done) { // what was committed is not committed again
					require.ErrorIs(t, err, store.ErrOutcomeUnknown, name)
					calm.tick(at("2026-03-03 12:05"))
					b.tick(at("2026-03-03 12:05")) // the lease has run out
				} else {
					require.NoError(t, err, name)
					assert.Equal(t, calm.sentIDs(), b.sentIDs(), name)
				}
				assert.Equal(t, calm.lines(customer.StageEntered, customer.TriggerFired), b.lines(customer.StageEntered, customer.TriggerFired), name)
				assert.Equal(t, "waiting", b.stage(), name)
				assert.Empty(t, b.outbox(store.Waiting), name)
			}
		}
	}
}

// Whom a claim has leased whose answer was lost, nobody knows: Tick says so, and the
// lease sees to it.
func TestTickTellsOfAClaimWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"ClaimWakeUps", "ClaimDeliveries"} {
		b := newBreaks(t)
		b.clock.set(at("2026-03-03 12:00"))
		b.next(method, true, 1)
		_, err := b.Tick(t.Context())
		require.ErrorIs(t, err, store.ErrOutcomeUnknown, method)
		b.tick(at("2026-03-03 12:05"))
		assert.Equal(t, "waiting", b.stage(), method)
		assert.Empty(t, b.outbox(store.Waiting), method)
	}
}
