package trigger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/trigger"
)

func TestStepsThatDeliver(t *testing.T) {
	t.Parallel()
	h := setup()
	run, waits := h.walk(t,
		trigger.Send("sms", "Hi {{.Customer.Name}}"),
		trigger.Send("email", "plain"),
		trigger.Mail("Dear {{.Customer.Name}}", "{{.Event.Amount}}"),
		trigger.Task("Call {{.Customer.Phone}}"),
		trigger.Webhook("https://example.org/hook"),
	)
	assert.False(t, waits)
	cause := run.Cause
	of := func(step int, d trigger.Delivery) trigger.Delivery {
		d.ID, d.Customer, d.Trigger, d.At, d.Cause = fmt.Sprintf("c1/t/1/%d", step), "c1", "t", h.now, cause
		return d
	}
	assert.Equal(t, []trigger.Delivery{
		of(0, trigger.Delivery{Kind: trigger.MessageKind, Channel: "sms", To: "+49 1", Text: "Hi Ann"}),
		of(1, trigger.Delivery{Kind: trigger.MessageKind, Channel: "email", To: "ann@example.org", Text: "plain"}),
		of(2, trigger.Delivery{Kind: trigger.MessageKind, Channel: "email", To: "ann@example.org", Subject: "Dear Ann", Text: "700"}),
		of(3, trigger.Delivery{Kind: trigger.TaskKind, Channel: "task", To: "bob", Text: "Call +49 1"}),
		of(4, trigger.Delivery{Kind: trigger.WebhookKind, Channel: "webhook", URL: "https://example.org/hook"}),
	}, h.deliveries)
	assert.Empty(t, h.failures)
}

func TestASubjectIsOneLine(t *testing.T) {
	t.Parallel()
	h := setup()
	h.card.Name = "Ann\r\nBcc: everyone@example.org\n"
	h.walk(t, trigger.Mail("Hi {{.Customer.Name}}!", "x"))
	h.said(t)
	assert.Equal(t, "Hi Ann Bcc: everyone@example.org !", h.deliveries[0].Subject)
}

func TestStepsThatChangeTheCard(t *testing.T) {
	t.Parallel()
	h := setup()
	before := h.card
	h.walk(t,
		trigger.Tag("vip"), trigger.Tag("vip"), trigger.Tag("b2c"), // the last two are so already
		trigger.Untag("b2c"), trigger.Untag("b2c"),
		trigger.SetField("pet", customer.Text("dog")), trigger.SetField("pet", customer.Text("dog")),
		trigger.SetField("size", customer.Value{}), trigger.SetField("nothing", customer.Value{}),
		trigger.Assign("carol"), trigger.Assign("carol"),
	)
	assert.Equal(t, []customer.Event{
		{Kind: customer.Tagged, Name: "vip"},
		{Kind: customer.Untagged, Name: "b2c"},
		{Kind: customer.FieldSet, Name: "pet"},
		{Kind: customer.FieldSet, Name: "size"},
		{Kind: customer.ManagerAssigned, Name: "carol"},
	}, h.edits)
	assert.Equal(t, []string{"vip"}, h.card.Tags)
	assert.Equal(t, customer.Fields{{Name: "pet", Value: customer.Text("dog")}}, h.card.Fields)
	assert.Equal(t, "carol", h.card.Manager)
	assert.Equal(t, []string{"b2c"}, before.Tags, "a copy is changed")
}

func TestWait(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	for _, tt := range []struct {
		step trigger.Step
		now  string
		want string
	}{
		{trigger.Wait(customer.Hours(2)), "2026-03-29 00:30", "2026-03-29 02:30"},
		{trigger.Wait(customer.Days(1)), "2026-03-28 12:00", "2026-03-29 11:00"}, // 13:00, the clocks sprang
		{trigger.Wait(customer.Months(1)), "2026-01-31 12:00", "2026-02-28 12:00"},
		{trigger.WaitAt(customer.Days(2), customer.Clock(9, 0)), "2026-03-10 12:00", "2026-03-12 08:00"},
		{trigger.WaitAt(customer.Period{}, customer.Clock(9, 0)), "2026-03-10 07:59:59", "2026-03-10 08:00"},
		{trigger.WaitAt(customer.Period{}, customer.Clock(9, 0)), "2026-03-10 08:00", "2026-03-11 08:00"}, // it is nine now
		{trigger.WaitAt(customer.Period{}, customer.Clock(0, 0)), "2026-03-10 23:30", "2026-03-11 23:00"}, // it is 00:30 there
		{trigger.WaitAt(customer.Days(1), customer.Clock(2, 30)), "2026-03-28 12:00", "2026-03-29 01:00"}, // skipped
		{trigger.WaitAt(customer.Days(1), customer.Clock(2, 30)), "2026-10-24 12:00", "2026-10-25 00:30"}, // the first of two
		{trigger.WaitAt(customer.Period{}, customer.Clock(2, 30)), "2026-10-25 00:30", "2026-10-26 01:30"},
	} {
		h := setup()
		h.now, h.zone = utc(tt.now), berlin
		run, waits := h.walk(t, tt.step, trigger.Task("x"))
		require.True(t, waits)
		assert.Equal(t, utc(tt.want), run.Due.UTC(), "%v at %s", tt.step, tt.now)
		assert.Empty(t, h.deliveries)
	}
}

func TestWalkGoesOnWhereItWaited(t *testing.T) {
	t.Parallel()
	h := setup()
	p := program(t, trigger.Task("one"), trigger.Wait(customer.Days(1)), trigger.Task("two"), trigger.Wait(customer.Days(1)), trigger.Task("three"))
	run := &trigger.Run{ID: "c1/t/1", Trigger: "t"}
	for _, want := range []struct {
		waits bool
		step  int
		texts []string
	}{
		{true, 2, []string{"one"}},
		{true, 4, []string{"one", "two"}},
		{false, 5, []string{"one", "two", "three"}},
		{false, 5, []string{"one", "two", "three"}}, // there is nothing more to do
	} {
		assert.Equal(t, want.waits, p.Walk(run, h))
		assert.Equal(t, want.step, run.Step)
		var texts []string
		for _, d := range h.deliveries {
			texts = append(texts, d.Text)
		}
		assert.Equal(t, want.texts, texts)
		h.now = h.now.Add(24 * time.Hour)
	}
	assert.Equal(t, "c1/t/1/4", h.deliveries[2].ID, "IDs are of the step, not of the walk")
}

func TestARunEnds(t *testing.T) {
	t.Parallel()
	h := setup()
	_, waits := h.walk(t, trigger.Task("one"), trigger.Stop(), trigger.Task("two"))
	assert.False(t, waits)
	assert.Equal(t, "one", h.said(t))

	h = setup()
	_, waits = h.walk(t, trigger.Task("one"), trigger.Wait(customer.Days(1)))
	assert.False(t, waits, "nothing is left to wait for")

	// The trigger was given fewer steps while a run of it waited.
	assert.False(t, program(t, trigger.Task("one")).Walk(&trigger.Run{Step: 7}, h))
	assert.Len(t, h.deliveries, 1)
}

// A text that cannot be filled in costs its own step.
func TestAFailedStepDoesNotEndTheRun(t *testing.T) {
	t.Parallel()
	h := setup()
	h.walk(t, trigger.Task("{{.Customer.Field.nothing}}"), trigger.Tag("x"), trigger.Task("after"))
	assert.Equal(t, "after", h.said(t))
	assert.Len(t, h.failures, 1)
	assert.Len(t, h.edits, 1)
}

func TestStepStrings(t *testing.T) {
	t.Parallel()
	for want, step := range map[string]trigger.Step{
		"send over sms":             trigger.Send("sms", "x"),
		"send over email":           trigger.Mail("x", "x"),
		"task":                      trigger.Task("x"),
		"call https://example.org/": trigger.Webhook("https://example.org/"),
		`tag "x"`:                   trigger.Tag("x"),
		`untag "x"`:                 trigger.Untag("x"),
		`set field "x"`:             trigger.SetField("x", customer.Text("y")),
		`assign "x"`:                trigger.Assign("x"),
		"wait P2D":                  trigger.Wait(customer.Days(2)),
		"wait P2D, until 09:30":     trigger.WaitAt(customer.Days(2), customer.Clock(9, 30)),
		"stop":                      trigger.Stop(),
	} {
		assert.Equal(t, want, step.String())
	}
}

func ExampleWaitAt() {
	set, err := trigger.Compile([]trigger.Trigger{{
		ID: "review",
		On: trigger.Purchase(),
		Steps: []trigger.Step{
			trigger.WaitAt(customer.Days(2), customer.Clock(10, 0)),
			trigger.Send("sms", "How did you like it?"),
		},
	}}, trigger.Names{})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := setup() // what an engine gives the steps to act through; it is 10 March, 23:30
	run := &trigger.Run{ID: "c1/review/1", Trigger: "review"}
	waits := set.Find("review").Walk(run, h)
	fmt.Println(waits, run.Due)
	waits = set.Find("review").Walk(run, h) // then
	fmt.Println(waits, h.deliveries[0].Text)
	// Output:
	// true 2026-03-12 10:00:00 +0000 UTC
	// false How did you like it?
}
