package pipeline_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/trigger"
)

// paths returns the places of all the faults that err tells.
func paths(err error) []string {
	var list []string
	var fault *customer.DefinitionError
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			list = append(list, paths(e)...)
		}
	} else if f, ok := err.(*customer.DefinitionError); ok {
		list = append(list, f.Path)
	} else if inner := errors.Unwrap(err); inner != nil && errors.As(err, &fault) {
		return paths(inner)
	}
	return list
}

func TestEveryFaultOfTheDefinitionsIsToldAtOnce(t *testing.T) {
	t.Parallel()
	d := pipeline.Definitions{
		Pipelines: []pipeline.Pipeline{
			nails(),
			nails(), // the ID again
			{ID: "", Stages: nil},
			nails(func(p *pipeline.Pipeline) {
				p.ID = "bad"
				p.Cadence = customer.Cadence{Every: customer.Days(-1)}
				p.Items = []pipeline.ItemCadence{{}}
				p.Takes.MinAmount = -1
				p.LearnAfter = 25
				p.DayStart = customer.Clock(24, 0)
				p.Stages[0].From = pipeline.SincePurchase(customer.Days(1))
				p.Stages[1].ID = p.Stages[0].ID
				p.Stages[2].Closes = "too soon"
				p.Stages[3].From = pipeline.BeforeNext(customer.Days(-1))
				p.Stages[4].From = pipeline.Start{}
			}),
		},
		Segments: []segment.Segment{
			{ID: "a", Enter: segment.In("b")},
			{ID: "b", Enter: segment.In("a")}, // a circle
			{ID: "c", Enter: nil},
			{ID: "c", Enter: segment.InStage("nails", "bogus")},
			{ID: "d", Enter: segment.All(segment.NoPurchaseFor(customer.Days(-3)), segment.Not(segment.In("bogus")))},
		},
		Triggers: []trigger.Trigger{
			{ID: "a/b", On: trigger.StageEntered("nails", "bogus")},
			{ID: "t", On: trigger.SegmentEntered("bogus"), Steps: []trigger.Step{trigger.Send("", "{{.Customer.Password}}"), nil}},
			{
				ID: "t", On: trigger.Purchase(), Limit: trigger.OncePerCycle, If: segment.In("bogus"),
				Steps: []trigger.Step{trigger.Wait(customer.Days(-1)), trigger.Webhook("ftp://x"), trigger.Tag("")},
			},
			{ID: "u", On: trigger.BeforeNext("bogus", customer.Days(-1)), Steps: []trigger.Step{trigger.Task("{{")}},
		},
	}
	_, err := pipeline.New(pipeline.Config{Store: memory.New(), Definitions: d})
	require.ErrorIs(t, err, customer.ErrDefinition)
	got := paths(err)
	for _, want := range []string{
		"pipelines[1].id", "pipelines[2].id", "pipelines[2].stages",
		"pipelines[3].cadence", "pipelines[3].items[0].cadence", "pipelines[3].items[0].of", "pipelines[3].takes",
		"pipelines[3].learn_after", "pipelines[3].day_start", "pipelines[3].stages[0].from", "pipelines[3].stages[1].id",
		"pipelines[3].stages[2].closes", "pipelines[3].stages[3].from", "pipelines[3].stages[4].from",
		"segments[0]", "segments[2].enter", "segments[3].id", "segments[3].enter.stage.stages[0]",
		"segments[4].enter.all[0].moment.is.ago", "segments[4].enter.all[1].not.segment",
		"triggers[0].id", "triggers[0].on.stage_entered.stage", "triggers[0].steps", "triggers[1].on.segment_entered.segment", "triggers[1].steps[0].send.channel",
		"triggers[1].steps[0].send.text", "triggers[1].steps[1]", "triggers[2].id", "triggers[2].limit", "triggers[2].if.segment",
		"triggers[2].steps[0].wait.for", "triggers[2].steps[1].webhook.url", "triggers[2].steps[2].tag", "triggers[3].on.before_next.pipeline", "triggers[3].on.before_next.by",
		"triggers[3].steps[0].task.text",
	} {
		assert.Contains(t, got, want, "in %v", got)
		assert.Contains(t, err.Error(), want+": ")
	}
	require.EqualError(t, d.Validate(), errors.Unwrap(err).Error(), "Validate says the same")
}

func TestStagesThatCanNeverCome(t *testing.T) {
	t.Parallel()
	hours := func(n int) customer.Period { return customer.Hours(n) }
	for name, c := range map[string]struct {
		first, second pipeline.Start
		never         bool
	}{
		"later in days":            {pipeline.SincePurchase(customer.Days(3)), pipeline.SincePurchase(customer.Days(2)), true},
		"the same day":             {pipeline.SincePurchase(customer.Days(7)), pipeline.SincePurchase(customer.Weeks(1)), true},
		"in order":                 {pipeline.SincePurchase(customer.Days(2)), pipeline.SincePurchase(customer.Days(3)), false},
		"before, wrong way":        {pipeline.BeforeNext(customer.Days(1)), pipeline.BeforeNext(customer.Days(2)), true},
		"before, in order":         {pipeline.BeforeNext(customer.Days(2)), pipeline.BeforeNext(customer.Days(1)), false},
		"after, then at":           {pipeline.AfterNext(customer.Days(1)), pipeline.AtNext(), true},
		"at, then before":          {pipeline.AtNext(), pipeline.BeforeNext(customer.Days(1)), true},
		"at, then after":           {pipeline.AtNext(), pipeline.AfterNext(customer.Days(1)), false},
		"other anchors":            {pipeline.SincePurchase(customer.Days(300)), pipeline.BeforeNext(customer.Days(1)), false},
		"a month, then 28 days":    {pipeline.AfterNext(customer.Months(1)), pipeline.AfterNext(customer.Days(28)), true},
		"a month, then 30 days":    {pipeline.AfterNext(customer.Months(1)), pipeline.AfterNext(customer.Days(30)), false},
		"exact, wrong way":         {pipeline.AfterNext(hours(5)), pipeline.AfterNext(hours(5)), true},
		"exact before, in order":   {pipeline.BeforeNext(hours(5)), pipeline.BeforeNext(hours(4)), false},
		"exact against days, open": {pipeline.AfterNext(hours(50)), pipeline.AfterNext(customer.Days(2)), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := of(nails(func(p *pipeline.Pipeline) {
				p.Stages = append(p.Stages[:1:1], pipeline.Stage{ID: "x", From: c.first}, pipeline.Stage{ID: "y", From: c.second})
			}))
			err := d.Validate()
			if c.never {
				require.Equal(t, []string{"pipelines[0].stages[1].from"}, paths(err))
			} else {
				require.NoError(t, err)
			}
		})
	}
}

// Times are kept to the microsecond: a boundary between two of them would be
// due for ever.
func TestPeriodsFinerThanTimesAreKeptAreRefused(t *testing.T) {
	t.Parallel()
	odd := customer.Exact(1500 * time.Nanosecond)
	for name, d := range map[string]pipeline.Definitions{
		"cadence": of(nails(func(p *pipeline.Pipeline) { p.Cadence = pipeline.Every(odd) })),
		"stage":   of(nails(func(p *pipeline.Pipeline) { p.Stages[1].From = pipeline.SincePurchase(odd) })),
		"wait":    of(nails(), trigger.Trigger{ID: "t", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Wait(odd), trigger.Stop()}}),
		"date":    of(nails(), sends("t", trigger.AfterNext("nails", odd))),
		"segment": {Segments: []segment.Segment{{ID: "s", Enter: segment.NoPurchaseFor(odd)}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, d.Validate(), customer.ErrDefinition)
		})
	}
}

func TestBadConfigIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := pipeline.New(pipeline.Config{
		Lateness: -1, Ahead: -1, Senders: -1, SendTimeout: -1, Batch: -1, Lease: -1,
		Retry: pipeline.Retry{Attempts: -1, First: -1, Most: -1},
	})
	got := paths(err)
	slices.Sort(got)
	assert.Equal(t, []string{
		"config.Ahead", "config.Batch", "config.Lateness", "config.Lease", "config.Retry.Attempts", "config.Retry.First",
		"config.Retry.Most", "config.SendTimeout", "config.Senders", "config.Store",
	}, got)
}

func TestLeaseTooShortForTheTimeoutIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lease, timeout time.Duration
		bad            bool
	}{
		"both given":          {19 * time.Second, 10 * time.Second, true},
		"both given, fine":    {20 * time.Second, 10 * time.Second, false},
		"the default timeout": {10 * time.Second, 0, true},
		"the default lease":   {0, time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pipeline.New(pipeline.Config{Store: memory.New(), Lease: c.lease, SendTimeout: c.timeout})
			if c.bad {
				require.Equal(t, []string{"config.Lease"}, paths(err))
			} else {
				require.NoError(t, err)
			}
		})
	}
}

func TestEmptyDefinitionsAreFine(t *testing.T) {
	t.Parallel()
	s := setup(t, pipeline.Definitions{})
	s.buys("a")
	s.does("x", "page_view")
	s.tick(at("2027-01-01 00:00"))
	assert.Equal(t, 1, s.record().Totals.Count)
}
