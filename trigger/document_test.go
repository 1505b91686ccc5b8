package trigger_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
	"github.com/regulars-go/regulars/trigger"
)

var language = document.NewLanguage(trigger.Union())

// again writes v, checks what was written, and reads it back.
func again[T any](t *testing.T, want string, v T) {
	t.Helper()
	written, err := language.Encode(&v)
	require.NoError(t, err)
	assert.Equal(t, want, string(written))
	read, err := read[T](want)
	require.NoError(t, err)
	assert.Equal(t, v, read)
}

func read[T any](text string) (v T, err error) {
	n, err := document.Parse([]byte(text))
	if err == nil {
		err = language.Decode(n, &v)
	}
	return v, err
}

func TestOnInJSON(t *testing.T) {
	t.Parallel()
	about := trigger.BeforeDate("offer", customer.Days(2))
	about.Pipeline = "salon"
	for want, on := range map[string]trigger.On{
		`{"customer_added":{}}`:                                           trigger.CustomerAdded(),
		`{"purchase":{}}`:                                                 trigger.Purchase(),
		`{"refund":{}}`:                                                   trigger.Refund(),
		`{"activity":{"name":"page_view"}}`:                               trigger.Activity("page_view"),
		`{"activity":{}}`:                                                 trigger.Activity(""),
		`{"cycle_started":{"pipeline":"salon"}}`:                          trigger.CycleStarted("salon"),
		`{"cycle_closed":{"pipeline":"salon"}}`:                           trigger.CycleClosed("salon"),
		`{"returned":{"pipeline":"salon"}}`:                               trigger.Returned("salon"),
		`{"refused":{}}`:                                                  trigger.Refused(""),
		`{"stage_entered":{"pipeline":"salon","stage":"due"}}`:            trigger.StageEntered("salon", "due"),
		`{"stage_left":{"stage":"due"}}`:                                  trigger.StageLeft("", "due"),
		`{"segment_entered":{"segment":"vip"}}`:                           trigger.SegmentEntered("vip"),
		`{"segment_left":{}}`:                                             trigger.SegmentLeft(""),
		`{"before_next":{"pipeline":"salon","by":"P3D"}}`:                 trigger.BeforeNext("salon", customer.Days(3)),
		`{"before_next":{"pipeline":"salon"}}`:                            trigger.BeforeNext("salon", customer.Days(0)),
		`{"before_next":{"pipeline":"salon","at":"00:00"}}`:               trigger.BeforeNext("salon", customer.Days(0)).At(0, 0),
		`{"after_next":{"pipeline":"salon","by":"PT2H"}}`:                 trigger.AfterNext("salon", customer.Hours(2)),
		`{"after_next":{"pipeline":"salon"}}`:                             trigger.AfterNext("salon", customer.Days(0)),
		`{"before_date":{"field":"birthday","by":"P1W"}}`:                 trigger.BeforeDate("birthday", customer.Weeks(1)),
		`{"before_date":{"field":"birthday","yearly":true}}`:              trigger.BeforeDate("birthday", customer.Days(0)).EveryYear(),
		`{"after_date":{"field":"birthday","at":"10:30"}}`:                trigger.AfterDate("birthday", customer.Days(0)).At(10, 30),
		`{"before_date":{"field":"offer","pipeline":"salon","by":"P2D"}}`: about,
	} {
		again(t, want, on)
	}
}

func TestStepsInJSON(t *testing.T) {
	t.Parallel()
	for want, step := range map[string]trigger.Step{
		`{"send":{"channel":"sms","text":"Hello"}}`:            trigger.Send("sms", "Hello"),
		`{"mail":{"subject":"Hello","text":"{{.Today}} <b>"}}`: trigger.Mail("Hello", "{{.Today}} <b>"),
		`{"task":{"text":"Call"}}`:                             trigger.Task("Call"),
		`{"webhook":{"url":"https://example.org/?a=1&b=2"}}`:   trigger.Webhook("https://example.org/?a=1&b=2"),
		`{"tag":"vip"}`:   trigger.Tag("vip"),
		`{"untag":"vip"}`: trigger.Untag("vip"),
		`{"set_field":{"name":"size","value":"XL"}}`:               trigger.SetField("size", customer.Text("XL")),
		`{"set_field":{"name":"size","value":""}}`:                 trigger.SetField("size", customer.Text("")),
		`{"set_field":{"name":"size"}}`:                            trigger.SetField("size", customer.Value{}),
		`{"set_field":{"name":"d","value":{"date":"2026-01-31"}}}`: trigger.SetField("d", customer.DateValue(2026, 1, 31)),
		`{"assign":"anna"}`:                                        trigger.Assign("anna"),
		`{"wait":{"for":"P14D"}}`:                                  trigger.Wait(customer.Days(14)),
		`{"wait_at":{"at":"10:00"}}`:                               trigger.WaitAt(customer.Days(0), customer.Clock(10, 0)),
		`{"wait_at":{"for":"P1D","at":"00:00"}}`:                   trigger.WaitAt(customer.Days(1), customer.Clock(0, 0)),
		`{"stop":{}}`:                                              trigger.Stop(),
	} {
		again(t, want, step)
	}
}

func TestLimitsInJSON(t *testing.T) {
	t.Parallel()
	again(t, `["every_time","once_per_cycle","once_ever"]`, []trigger.Limit{trigger.EveryTime, trigger.OncePerCycle, trigger.OnceEver})
	_, err := read[trigger.Limit](`"twice"`)
	require.EqualError(t, err, `line 1: document: "twice" is no limit; use every_time, once_per_cycle or once_ever`)
	_, err = language.Encode(trigger.Limit(3))
	require.EqualError(t, err, "document: limit_3 does not exist")
}

func TestATriggerInJSON(t *testing.T) {
	t.Parallel()
	again(t, `{"id":"a","on":{"purchase":{}},"steps":[{"stop":{}}]}`,
		trigger.Trigger{ID: "a", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Stop()}})
	again(t, `{"id":"b","on":{"returned":{"pipeline":"salon"}},"steps":[{"tag":"x"},{"tag":"y"}],"limit":"once_ever","cancel_on_purchase":true}`,
		trigger.Trigger{
			ID: "b", On: trigger.Returned("salon"), Limit: trigger.OnceEver, CancelOnPurchase: true,
			Steps: []trigger.Step{trigger.Tag("x"), trigger.Tag("y")},
		})
}

func TestFaultsOfTriggersInJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`: "line 1: id: is missing; it is required\nline 1: on: is missing; it is required\nline 1: steps: is missing; it is required",
		`{"id": "a", "on": {"bought": {}}, "steps": []}`:                                   `line 1: on.bought: is no known occasion; known are `,
		`{"id": "a", "on": {}, "steps": []}`:                                               `line 1: on: has 0 keys; exactly one names the occasion`,
		`{"id": "a", "on": "purchase", "steps": []}`:                                       `line 1: on: is a string, not an object`,
		`{"id": "a", "on": {"purchase": {"pipeline": "x"}}, "steps": []}`:                  `line 1: on.purchase.pipeline: is no key here; known are none`,
		`{"id": "a", "on": {"before_next": {"by": "P1D"}}, "steps": []}`:                   `line 1: on.before_next.pipeline: is missing; it is required`,
		`{"id": "a", "on": {"before_next": {"pipeline": "x", "at": "9:00"}}, "steps": []}`: `line 1: on.before_next.at: time of day "9:00": is not from 00:00 to 23:59`,
		`{"id": "a", "on": {"before_date": {"field": "", "pipeline": "x"}}, "steps": []}`:  `line 1: on.before_date: names no field of the card; use before_next or after_next for the next purchase`,
		`{"id": "a", "on": {"purchase": {}}, "steps": [{"sned": {}}]}`:                     `line 1: steps[0].sned: is no known step; known are "send", `,
		`{"id": "a", "on": {"purchase": {}}, "steps": [{"wait": "P1D"}]}`:                  `line 1: steps[0].wait: is a string, not an object`,
		`{"id": "a", "on": {"purchase": {}}, "steps": [{"wait": {"for": 3}}]}`:             `line 1: steps[0].wait.for: is a number, not a string`,
		`{"id": "a", "on": {"purchase": {}}, "steps": [{"tag": ["a", "b"]}]}`:              `line 1: steps[0].tag: is an array, not a string`,
	} {
		_, err := read[trigger.Trigger](text)
		require.ErrorIs(t, err, customer.ErrDefinition)
		require.Contains(t, err.Error()+"\n", want, text)
	}
}

func TestWhatATriggerCannotAnswerHasNoJSON(t *testing.T) {
	t.Parallel()
	bought, unclear := trigger.Purchase(), trigger.BeforeDate("birthday", customer.Days(1))
	bought.Pipeline, unclear.Clock = "salon", customer.Clock(10, 0)
	for _, on := range []trigger.On{{}, {Event: customer.Tagged}, bought, unclear, trigger.BeforeNext("salon", customer.Days(1)).EveryYear()} {
		_, err := language.Encode(on)
		require.ErrorIs(t, err, customer.ErrDefinition)
		require.ErrorContains(t, err, "is nothing that a trigger can answer")
		assert.NotEmpty(t, faults(t, trigger.Trigger{ID: "t", On: on, Steps: task}), "%+v", on)
	}
	_, err := language.Encode(trigger.AfterNext("salon", customer.Days(-1)))
	require.EqualError(t, err, "after_next.by: -1 days is negative; a period is a length of time")
}
