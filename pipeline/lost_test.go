package pipeline_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
)

// adds is an edit that shows how often it was done.
func adds() customer.Edit {
	return customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Name += "x" }}
}

// besides has another engine on the same store do something as soon as a commit is
// through, of which the answer is then lost.
func (b breaks) besides(done bool, inputs ...customer.Input) {
	b.t.Helper()
	cfg := b.cfg
	cfg.Store = b.store.Store
	other, err := pipeline.New(cfg)
	require.NoError(b.t, err)
	hooks := b.store.then
	if !done {
		hooks = b.store.first
	}
	hooks["Commit"] = func() { assert.NoError(b.t, other.Apply(b.t.Context(), inputs...)) }
	b.next("Commit", done, 1)
}

// Where others were at the customer before Apply could look, it does not guess.
func TestLostCommitThatOthersHaveCoveredIsToldAsUnknown(t *testing.T) {
	t.Parallel()
	for _, done := range []bool{true, false} {
		b := newBreaks(t)
		b.besides(done, bought("b", b.clock.Now()), customer.Assignment{Customer: "olga", Manager: "max"})
		err := b.Apply(t.Context(), adds())
		require.ErrorIs(t, err, pipeline.ErrOutcomeUnknown, done)
		require.ErrorContains(t, err, "customers olga: others have changed them since")
		require.NotContains(t, err.Error(), "Olga")
		name := map[bool]string{true: "Olga Examplex", false: "Olga Example"}[done]
		assert.Equal(t, name, b.record().Customer.Name, "done once or not at all")
	}
}

// That a record has the version that was to come is no proof: here it is that of
// another activity of the same instant, which leaves no trace in the record.
func TestLostCommitIsNotTakenForThatOfAnother(t *testing.T) {
	t.Parallel()
	b := newBreaks(t)
	view := func(id string) customer.Activity {
		return customer.Activity{ID: id, Customer: "olga", Name: "page_view", At: b.clock.Now()}
	}
	b.besides(false, view("x"))
	require.ErrorIs(t, b.RecordActivity(t.Context(), view("y")), pipeline.ErrOutcomeUnknown)
	b.must(view("y"))
	assert.Len(t, b.lines(customer.Acted), 2)
}

// A commit is atomic: one customer whom nobody else has changed tells of all.
func TestLostCommitIsToldByAnyOfItsCustomers(t *testing.T) {
	t.Parallel()
	for _, done := range []bool{true, false} {
		b := newBreaks(t)
		b.must(customer.Customer{ID: "igor", Phones: phones})
		b.besides(done, customer.Assignment{Customer: "igor", Manager: "max"})
		b.must(bought("b", b.clock.Now()), adds(), customer.Edit{Customer: "igor", Change: func(c *customer.Customer) { c.Name += "x" }})
		assert.Equal(t, "Olga Examplex", b.record().Customer.Name, done)
		igor, err := b.Customer(t.Context(), "igor")
		require.NoError(t, err)
		assert.Equal(t, "x", igor.Customer.Name, done)
	}
}

// Nobody takes it for a refusal that another input of the call is refused by then.
func TestLostCommitIsNotARefusal(t *testing.T) {
	t.Parallel()
	b := newBreaks(t)
	b.must(customer.Customer{ID: "igor", Phones: phones})
	view := customer.Activity{ID: "x", Customer: "igor", Name: "page_view", At: b.clock.Now()}
	earlier := view
	earlier.At = opening
	b.besides(false, earlier)
	err := b.Apply(t.Context(), adds(), view)
	require.ErrorIs(t, err, pipeline.ErrIDReused)
	require.ErrorIs(t, err, pipeline.ErrOutcomeUnknown)
	assert.Equal(t, "Olga Example", b.record().Customer.Name)
}

// What a tick committed counts once, though the answer was lost.
func TestTickCountsWhatALostCommitDid(t *testing.T) {
	t.Parallel()
	for _, done := range []bool{true, false} {
		b, calm := newBreaks(t), newBreaks(t)
		b.next("Commit", done, 1)
		assert.Equal(t, calm.tick(at("2026-03-03 12:00")), b.tick(at("2026-03-03 12:00")), done)
		assert.Equal(t, calm.record().Version, b.record().Version, done)
	}
}

// What a lost commit has to say is not lost.
func TestLostCommitTellsWhatDidNotSettle(t *testing.T) {
	t.Parallel()
	f := &faulty{faults: map[string]error{"Commit": errUnknown}}
	s := setup(t, unsettled(), onFaulty(f))
	f.after["Commit"] = 1
	require.ErrorIs(t, s.Apply(t.Context(), adds(), customer.Edit{
		Customer: "olga", Change: func(c *customer.Customer) { c.Tags = []string{"x"} },
	}), pipeline.ErrUnsettled)
	assert.Equal(t, "Olga Examplex", s.record().Customer.Name)

	f = &faulty{faults: map[string]error{"Commit": errUnknown}}
	s = setup(t, unsettled(), onFaulty(f))
	s.buys("a")
	f.after["Commit"] = 1
	s.clock.set(at("2026-03-24 00:00"))
	_, err := s.Tick(t.Context())
	require.ErrorIs(t, err, pipeline.ErrUnsettled)
}
