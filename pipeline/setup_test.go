package pipeline_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/trigger"
)

// dial is a clock that is set by hand. Unlike clock.Mock it never sleeps.
type dial struct {
	clock.Clock
	mu  sync.Mutex
	now time.Time
}

func newDial(now time.Time) *dial { return &dial{Clock: clock.New(), now: now} }

func (d *dial) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *dial) set(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = now
}

// shop is an engine under test with all that is around it.
type shop struct {
	*pipeline.Engine
	t     *testing.T
	clock *dial
	cfg   pipeline.Config

	mu   sync.Mutex
	sent []trigger.Delivery
}

// opening is when every shop opens: a Monday.
var opening = at("2026-03-02 10:00")

// phones are what a card needs to be sent messages over "sms".
var phones = []string{"+49 30 901820"}

// setup returns a shop with one customer, olga, added at opening time.
func setup(t *testing.T, d pipeline.Definitions, more ...func(*pipeline.Config)) *shop {
	t.Helper()
	s := emptyShop(t, d, more...)
	s.must(customer.Customer{ID: "olga", Name: "Olga Example", Emails: []string{"olga@example.org"}, Phones: phones})
	return s
}

func emptyShop(t *testing.T, d pipeline.Definitions, more ...func(*pipeline.Config)) *shop {
	t.Helper()
	s := &shop{t: t, clock: newDial(opening)}
	s.cfg = pipeline.Config{Store: memory.New(), Clock: s.clock, Definitions: d, Notifier: trigger.NotifierFunc(s.notify)}
	for _, change := range more {
		change(&s.cfg)
	}
	s.restart()
	return s
}

// restart replaces the engine by another on the same store.
func (s *shop) restart() {
	s.t.Helper()
	var err error
	s.Engine, err = pipeline.New(s.cfg)
	require.NoError(s.t, err)
}

func (s *shop) notify(_ context.Context, d trigger.Delivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, d)
	return nil
}

// must applies inputs that are fine.
func (s *shop) must(inputs ...customer.Input) {
	s.t.Helper()
	require.NoError(s.t, s.Apply(s.t.Context(), inputs...))
}

// buys records a purchase that is made now.
func (s *shop) buys(id string, more ...func(*customer.Purchase)) {
	s.t.Helper()
	p := bought(id, s.clock.Now())
	for _, change := range more {
		change(&p)
	}
	s.must(p)
}

// does records an activity that is done now.
func (s *shop) does(id, name string) {
	s.t.Helper()
	s.must(customer.Activity{ID: id, Customer: "olga", Name: name, At: s.clock.Now()})
}

// tick sets the clock and does what is due.
func (s *shop) tick(now time.Time) pipeline.Progress {
	s.t.Helper()
	s.clock.set(now)
	p, err := s.Tick(s.t.Context())
	require.NoError(s.t, err)
	return p
}

func (s *shop) record() store.Record {
	s.t.Helper()
	rec, err := s.Customer(s.t.Context(), "olga")
	require.NoError(s.t, err)
	return rec
}

// cycle returns where olga stands in the pipeline.
func (s *shop) cycle(id string) customer.Cycle {
	s.t.Helper()
	c := customer.FindCycle(s.record().Cycles, id)
	require.NotNil(s.t, c, "olga is not in pipeline %s", id)
	return *c
}

// stage returns olga's stage in the pipeline nails.
func (s *shop) stage() string { s.t.Helper(); return s.cycle("nails").Stage }

// in reports whether olga is in the segment.
func (s *shop) in(id string) bool {
	s.t.Helper()
	return slices.Contains(s.segments(), id)
}

func (s *shop) segments() []string {
	s.t.Helper()
	ids := []string{}
	for _, m := range s.record().Segments {
		ids = append(ids, m.Segment)
	}
	return ids
}

func (s *shop) timeline() []customer.Event {
	s.t.Helper()
	var events []customer.Event
	for e, err := range s.Timeline(s.t.Context(), "olga") {
		require.NoError(s.t, err)
		events = append(events, e)
	}
	return events
}

// lines returns the timeline's events of the kinds, one readable line each.
func (s *shop) lines(kinds ...customer.EventKind) []string {
	s.t.Helper()
	lines := []string{}
	for _, e := range s.timeline() {
		if slices.Contains(kinds, e.Kind) {
			lines = append(lines, line(e))
		}
	}
	return lines
}

// line writes an event as "03-02 10:00 stage_entered nails/thanks #1".
func line(e customer.Event) string {
	words := []string{e.At.Format("01-02 15:04"), e.Kind.String()}
	add := func(format, value string) {
		if value != "" {
			words = append(words, fmt.Sprintf(format, value))
		}
	}
	add("%s", strings.TrimSuffix(e.Pipeline+"/"+e.Stage, "/"))
	add("%s", e.Segment)
	add("%s", e.Trigger)
	add("(%s)", e.Name)
	if e.Cycle != 0 {
		add("#%s", fmt.Sprint(e.Cycle))
	}
	add("by %s", e.Actor)
	add("%q", e.Reason)
	return strings.Join(words, " ")
}

// messages returns what was sent, as "03-02 10:00 trigger: text".
func (s *shop) messages() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := []string{}
	for _, d := range s.sent {
		lines = append(lines, d.At.Format("01-02 15:04")+" "+d.Trigger+": "+d.Text)
	}
	return lines
}

// sentIDs returns the IDs of what was sent.
func (s *shop) sentIDs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := []string{}
	for _, d := range s.sent {
		ids = append(ids, d.ID)
	}
	return ids
}

// outbox returns the deliveries in a state.
func (s *shop) outbox(state store.DeliveryState) []store.Outgoing {
	s.t.Helper()
	var out []store.Outgoing
	for d, err := range s.Deliveries(s.t.Context(), store.DeliveryQuery{States: []store.DeliveryState{state}}) {
		require.NoError(s.t, err)
		out = append(out, d)
	}
	return out
}

// dump writes down all that a store holds.
func dump(t *testing.T, s store.Store) string {
	t.Helper()
	var b strings.Builder
	for loaded, err := range s.Find(t.Context(), store.Query{Reach: segment.Reach{AllPurchases: true, AllActivities: true}}) {
		require.NoError(t, err)
		for _, c := range loaded.Record.Cycles {
			fmt.Fprintf(&b, "%+v\n", c.Hand) // %+v follows pointers at the top only
		}
		loaded.Record.Cycles = withoutHands(loaded.Record.Cycles)
		fmt.Fprintf(&b, "%+v\n", loaded)
		for e, err := range s.Timeline(t.Context(), loaded.Record.Customer.ID) {
			require.NoError(t, err)
			fmt.Fprintf(&b, "%+v\n", e)
		}
	}
	for d, err := range s.Deliveries(t.Context(), store.DeliveryQuery{}) {
		require.NoError(t, err)
		fmt.Fprintf(&b, "%+v\n", d)
	}
	return b.String()
}

// at reads an instant in UTC, as "2026-03-02 10:00".
func at(s string) time.Time { return in("UTC", s) }

// in reads an instant as clocks in the zone show it.
func in(zone, s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, zoneOf(zone))
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func zoneOf(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

func bought(id string, when time.Time) customer.Purchase {
	return customer.Purchase{ID: id, Customer: "olga", At: when, Amount: 25_00}
}

// category makes it a purchase of one item of the category.
func category(name string) func(*customer.Purchase) {
	return func(p *customer.Purchase) {
		p.Items = []customer.Item{{SKU: name + "-1", Category: name, Amount: p.Amount}}
	}
}

// nails is a pipeline with every kind of stage.
func nails(more ...func(*pipeline.Pipeline)) pipeline.Pipeline {
	p := pipeline.Pipeline{
		ID: "nails", Cadence: pipeline.Every(customer.Weeks(3)), DayStart: customer.Clock(9, 0),
		Stages: []pipeline.Stage{
			{ID: "thanks", From: pipeline.SincePurchase(customer.Days(0))},
			{ID: "waiting", From: pipeline.SincePurchase(customer.Days(1))},
			{ID: "call", From: pipeline.BeforeNext(customer.Days(7))},
			{ID: "remind", From: pipeline.BeforeNext(customer.Days(1))},
			{ID: "due", From: pipeline.AtNext()},
			{ID: "overdue", From: pipeline.AfterNext(customer.Days(1))},
			{ID: "lost", From: pipeline.AfterNext(customer.Days(60)), Closes: "did not come back"},
		},
	}
	for _, change := range more {
		change(&p)
	}
	return p
}

// oneStage is a pipeline of a single stage.
func oneStage(id string, more ...func(*pipeline.Pipeline)) pipeline.Pipeline {
	p := pipeline.Pipeline{ID: id, Stages: []pipeline.Stage{{ID: "in", From: pipeline.SincePurchase(customer.Days(0))}}}
	for _, change := range more {
		change(&p)
	}
	return p
}

// of is definitions of pipelines and triggers.
func of(p pipeline.Pipeline, triggers ...trigger.Trigger) pipeline.Definitions {
	return pipeline.Definitions{Pipelines: []pipeline.Pipeline{p}, Triggers: triggers}
}

// sends is a trigger that sends its ID.
func sends(id string, on trigger.On, more ...func(*trigger.Trigger)) trigger.Trigger {
	tr := trigger.Trigger{ID: id, On: on, Steps: []trigger.Step{trigger.Send("sms", id)}}
	for _, change := range more {
		change(&tr)
	}
	return tr
}

func inZone(name string) func(*pipeline.Config) {
	return func(c *pipeline.Config) { c.Zone = zoneOf(name) }
}

var stageKinds = []customer.EventKind{
	customer.CycleStarted, customer.CycleRestored, customer.CycleClosed, customer.Returned,
	customer.CustomerRefused, customer.StageEntered, customer.StageLeft,
}
