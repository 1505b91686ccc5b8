package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

func (s *shop) explain(id string, at time.Time) segment.Explanation {
	s.t.Helper()
	x, err := s.Explain(s.t.Context(), "olga", id, at)
	require.NoError(s.t, err)
	return x
}

func TestExplainOfSomeoneUnknown(t *testing.T) {
	t.Parallel()
	s := setup(t, with(of(nails()), bigSpender(1)))
	for name, c := range map[string]struct {
		customer, segment string
		at                time.Time
		want              error
		text              string
	}{
		"customer":        {"boris", "big", time.Time{}, pipeline.ErrUnknownCustomer, `explain segment "big" of customer "boris": unknown customer`},
		"segment":         {"olga", "small", time.Time{}, pipeline.ErrUnknownSegment, `explain segment "small" of customer "olga": unknown segment`},
		"both":            {"boris", "small", time.Time{}, pipeline.ErrUnknownSegment, "small"},
		"customer before": {"olga", "big", opening.Add(-time.Microsecond), customer.ErrInvalid, "before the customer was known"},
		"no customer":     {"", "big", time.Time{}, pipeline.ErrUnknownCustomer, `""`},
	} {
		t.Run(name, func(t *testing.T) {
			x, err := s.Explain(t.Context(), c.customer, c.segment, c.at)
			require.ErrorIs(t, err, c.want)
			assert.ErrorContains(t, err, c.text)
			assert.Zero(t, x)
		})
	}
}

func TestExplainAsTextAndAsJSON(t *testing.T) {
	t.Parallel()
	s := setup(t, with(of(nails()), segment.Segment{ID: "warm", Name: "Warm", Enter: segment.All(
		segment.Spent(segment.AtLeast, 30_00), segment.PurchasedWithin(customer.Days(30)), segment.InStage("nails", "waiting"),
	)}))
	s.buys("a")
	s.clock.set(at("2026-03-05 12:00")) // nobody has ticked
	x := s.explain("warm", time.Time{})
	lines := strings.Split(x.String(), "\n")
	assert.Equal(t, `olga is not in "warm" at 2026-03-05 12:00:00 UTC`, lines[0])
	assert.Contains(t, x.String(), "has 2500 (purchase a of 2026-03-02 10:00:00 UTC)")
	assert.Contains(t, x.String(), "until 2026-03-16 09:00:00 UTC")
	assert.Len(t, x.Needs, 1)
	text, err := json.Marshal(x)
	require.NoError(t, err)
	var read segment.Explanation
	require.NoError(t, json.Unmarshal(text, &read))
	assert.Equal(t, x.Enter.Parts[1].Until, read.Enter.Parts[1].Until)
	assert.JSONEq(t, string(text), func() string { again, _ := json.Marshal(read); return string(again) }())
}

// What stands a moment ago is what is: a clock that was read before the call
// does not take what people decided out of the answer.
func TestExplainOfAMomentAgoTellsWhatIs(t *testing.T) {
	t.Parallel()
	s := setup(t, with(of(nails(), trigger.Trigger{ID: "t", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Tag("x")}}),
		segment.Segment{ID: "called", Enter: segment.All(segment.InStage("nails", "call"), segment.HasTag("x"))}))
	s.buys("a")
	s.clock.set(at("2026-03-02 11:00"))
	s.must(customer.StageMove{Customer: "olga", Pipeline: "nails", Stage: "call"})
	now := at("2026-03-02 12:00")
	s.clock.set(now)
	assert.True(t, s.explain("called", now).Member)
	assert.True(t, s.explain("called", now.Add(-time.Second)).Member)
	assert.True(t, s.explain("called", at("2026-03-02 11:00")).Member)
	assert.False(t, s.explain("called", at("2026-03-02 10:59")).Member, "what people decided is not in the past")
}

// So it does of a moment before the definitions were replaced, under the new ones.
func TestExplainOfAMomentAgoUnderOtherDefinitions(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.clock.set(at("2026-03-20 12:00"))
	s.restartWith(with(of(nails()), segment.Segment{ID: "waits", Enter: segment.InStage("nails", "waiting")}))
	assert.True(t, s.explain("waits", at("2026-03-04 12:00")).Member)
	assert.False(t, s.explain("waits", at("2026-03-03 08:59")).Member)
	assert.False(t, s.explain("waits", time.Time{}).Member)
}

// A purchase may be stamped by a clock that is a little ahead.
func TestExplainOfNowWhereTheRecordIsAhead(t *testing.T) {
	t.Parallel()
	s := setup(t, with(of(nails()), bigSpender(20_00)))
	s.must(bought("a", opening.Add(30*time.Second)))
	assert.True(t, s.in("big"))
	x := s.explain("big", time.Time{})
	assert.True(t, x.Member, "as the record says")
	assert.Equal(t, opening.Add(30*time.Second), x.At)
	assert.False(t, s.explain("big", opening).Member, "it had not happened")
}

// The card is as it is now, whatever the instant; so are the definitions.
func TestExplainOfThePastTakesTodaysCardAndDefinitions(t *testing.T) {
	t.Parallel()
	s := setup(t, with(of(nails()), bigSpender(100_00)))
	s.buys("a")
	s.clock.set(at("2026-03-10 12:00"))
	s.must(customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Tags = []string{"x"} }})
	s.must(customer.Refund{ID: "r", Customer: "olga", Purchase: "a", At: s.clock.Now()})
	s.redefine(with(of(nails()), segment.Segment{ID: "big", Enter: segment.All(segment.HasTag("x"), segment.Spent(segment.AtLeast, 20_00))}))
	x := s.explain("big", at("2026-03-04 12:00"))
	assert.True(t, x.Member)
	assert.Equal(t, opening, x.Since)
	assert.False(t, s.explain("big", time.Time{}).Member)
}

func TestExplainOfThePastHasNoFactsOfTheFuture(t *testing.T) {
	t.Parallel()
	views := segment.Activities{Name: "view"}
	s := setup(t, with(of(nails()), segment.Segment{ID: "keen", Enter: views.Count(segment.AtLeast, 2)},
		segment.Segment{ID: "started", Enter: segment.InStage("nails", "thanks")}, segment.Segment{ID: "viewed", Enter: views.Count(segment.AtLeast, 1)}))
	s.does("1", "view")
	s.clock.set(at("2026-03-02 11:00"))
	s.does("2", "view")
	s.buys("a")
	s.clock.set(at("2026-03-02 12:00"))
	s.does("3", "view")
	assert.Equal(t, "1", s.explain("keen", at("2026-03-02 10:30")).Enter.Has)
	assert.Equal(t, "2", s.explain("keen", at("2026-03-02 11:00")).Enter.Has)
	assert.Equal(t, at("2026-03-02 11:00"), s.explain("keen", at("2026-03-02 11:30")).Since)
	assert.Equal(t, "3", s.explain("keen", at("2026-03-02 12:00")).Enter.Has)
	assert.Equal(t, opening, s.explain("viewed", at("2026-03-02 11:30")).Since, "each fact at its own time")
	assert.Equal(t, at("2026-03-03 09:00"), s.explain("started", at("2026-03-02 11:30")).Until, "as it looked then")
	assert.False(t, s.explain("started", at("2026-03-02 10:30")).Member)
}

func TestExplainOfTheFutureLetsRunsAndTriggersGoOn(t *testing.T) {
	t.Parallel()
	tags := func(id string, on trigger.On, steps ...trigger.Step) trigger.Trigger {
		return trigger.Trigger{ID: id, On: on, Steps: append(steps, trigger.Tag(id))}
	}
	s := setup(t, with(of(nails(), tags("run", trigger.Purchase(), trigger.Wait(customer.Days(5))), tags("stage", trigger.StageEntered("nails", "call"))),
		segment.Segment{ID: "run", Enter: segment.HasTag("run")}, segment.Segment{ID: "stage", Enter: segment.HasTag("stage")}))
	s.buys("a")
	for at, want := range map[string][2]bool{
		"2026-03-07 09:59": {false, false}, "2026-03-07 10:00": {true, false}, "2026-03-16 08:59": {true, false}, "2026-03-16 09:00": {true, true},
	} {
		when := in("UTC", at)
		assert.Equal(t, want, [2]bool{s.explain("run", when).Member, s.explain("stage", when).Member}, at)
	}
	assert.Equal(t, at("2026-03-07 10:00"), s.explain("run", at("2026-05-01 00:00")).Since)
	assert.Empty(t, s.record().Customer.Tags)
	s.tick(s.clock.Now())
	assert.Empty(t, s.messages())
}

// The far future of a rule that flips every day is far away; whoever asks for it
// may give up.
func TestExplainOfTheFarFutureEndsWithTheContext(t *testing.T) {
	t.Parallel()
	s := setup(t, with(of(nails()), segment.Segment{ID: "mondays", Enter: segment.Weekday(time.Monday)}))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := s.Explain(ctx, "olga", "mondays", time.Date(100_000, 1, 1, 0, 0, 0, 0, time.UTC))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestExplainWhileTheCustomerChanges(t *testing.T) {
	t.Parallel()
	s := setup(t, with(of(nails()), segment.Segment{ID: "two", Enter: segment.Purchases{}.Count(segment.AtLeast, 2)}))
	var work sync.WaitGroup
	for w := range 2 {
		work.Go(func() {
			for i := range 50 {
				assert.NoError(t, s.Apply(context.Background(), bought(fmt.Sprint(w, i), opening)))
			}
		})
		work.Go(func() {
			for i := range 50 {
				x, err := s.Explain(context.Background(), "olga", "two", opening.Add(time.Duration(i-25)*time.Second).Add(time.Minute))
				assert.NoError(t, err)
				assert.Equal(t, x.Enter.Holds, x.Member, "a record and its history are of one commit")
			}
		})
	}
	work.Wait()
	assert.True(t, s.explain("two", time.Time{}).Member)
	assert.Equal(t, 101, int(s.record().Version), "only inputs commit")
}
