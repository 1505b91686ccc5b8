package trigger_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests, wherever they run

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

// hands is what a step acts through: it does what it is told and remembers it.
type hands struct {
	now        time.Time
	zone       *time.Location
	card       customer.Customer
	data       trigger.Data
	edits      []customer.Event
	deliveries []trigger.Delivery
	failures   []string
}

func (h *hands) Now() time.Time           { return h.now }
func (h *hands) Zone() *time.Location     { return h.zone }
func (h *hands) Card() *customer.Customer { return &h.card }

func (h *hands) Facts(_ *trigger.Run, d *trigger.Data) {
	d.Totals, d.Cycle, d.Next = h.data.Totals, h.data.Cycle, h.data.Next
}

func (h *hands) Edit(_ *trigger.Run, e customer.Event, change func(*customer.Customer)) {
	card := h.card.Normal()
	change(&card)
	h.card = card
	h.edits = append(h.edits, e)
}

func (h *hands) Deliver(_ *trigger.Run, d trigger.Delivery) { h.deliveries = append(h.deliveries, d) }
func (h *hands) Fail(_ *trigger.Run, reason string)         { h.failures = append(h.failures, reason) }

// said returns the text of the one delivery.
func (h *hands) said(t require.TestingT) string {
	require.Len(t, h.deliveries, 1, "failures: %v", h.failures)
	return h.deliveries[0].Text
}

func setup() *hands {
	return &hands{
		now: utc("2026-03-10 23:30"), zone: time.UTC,
		card: customer.Customer{
			ID: "c1", Name: "Ann", Emails: []string{"ann@example.org", "a@example.org"}, Phones: []string{"+49 1"},
			Manager: "bob", Source: "web", Locale: "de-AT", Tags: []string{"b2c"},
			Fields: customer.Fields{{Name: "pet", Value: customer.Text("cat")}, {Name: "size", Value: customer.Number(42)}},
		},
		data: trigger.Data{
			Totals: customer.Totals{Count: 3, Total: 1000, Max: 700},
			Cycle:  customer.Cycle{Pipeline: "salon", Number: 4, Stage: "due"},
			Next:   customer.Date{Year: 2026, Month: 4, Day: 1},
		},
	}
}

func utc(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05"[:len(s)], s)
	if err != nil {
		panic(err)
	}
	return t
}

func zone(t require.TestingT, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// names knows the pipeline "salon" with the stage "due", and the segment "vip".
func names(t require.TestingT) trigger.Names {
	set, err := segment.Compile([]segment.Segment{{ID: "vip", Enter: segment.HasTag("vip")}}, segment.Names{})
	require.NoError(t, err)
	return trigger.Names{
		HasPipeline: func(id string) bool { return id == "salon" },
		HasStage:    func(pipeline, id string) bool { return (pipeline == "salon" || pipeline == "") && id == "due" },
		Segments:    set,
	}
}

// program compiles a trigger of these steps.
func program(t require.TestingT, steps ...trigger.Step) *trigger.Program {
	set, err := trigger.Compile([]trigger.Trigger{{ID: "t", On: trigger.Purchase(), Steps: steps}}, names(t))
	require.NoError(t, err)
	return set.Find("t")
}

// walk does the steps from the first on, and returns the run.
func (h *hands) walk(t require.TestingT, steps ...trigger.Step) (*trigger.Run, bool) {
	run := &trigger.Run{ID: "c1/t/1", Trigger: "t", Cause: customer.Event{Kind: customer.Purchased, Ref: "p1", Amount: 700}}
	waits := program(t, steps...).Walk(run, h)
	return run, waits
}

// faults compiles triggers and returns what is wrong with them, by path.
func faults(t *testing.T, triggers ...trigger.Trigger) map[string]string {
	_, err := trigger.Compile(triggers, names(t))
	byPath := make(map[string]string)
	if err == nil {
		return byPath
	}
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var d *customer.DefinitionError
		require.ErrorAs(t, e, &d)
		require.ErrorIs(t, e, customer.ErrDefinition)
		byPath[d.Path] += d.Fault + "\n"
	}
	return byPath
}

// faultsOf returns the faults of a text, as one.
func faultsOf(t *testing.T, text string) string {
	got := faults(t, trigger.Trigger{ID: "t", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Task(text)}})
	var all strings.Builder
	for path, fault := range got {
		require.Equal(t, "triggers[0].steps[0].task.text", path)
		all.WriteString(fault)
	}
	return all.String()
}
