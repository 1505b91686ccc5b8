package trigger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

var task = []trigger.Step{trigger.Task("x")}

func TestEveryFaultIsToldAtOnce(t *testing.T) {
	t.Parallel()
	got := faults(t,
		trigger.Trigger{},
		trigger.Trigger{ID: "a/b", On: trigger.Purchase(), Steps: task},
		trigger.Trigger{ID: "dup", On: trigger.Purchase(), Steps: task},
		trigger.Trigger{ID: "dup", On: trigger.SegmentEntered("nobody"), If: segment.All(segment.In("nobody")), Steps: task},
		trigger.Trigger{ID: "limits", On: trigger.Purchase(), Limit: trigger.OncePerCycle, Steps: []trigger.Step{nil, trigger.Stop(), nil}},
		trigger.Trigger{ID: "stages", On: trigger.StageEntered("salon", "unknown"), Limit: 99, Steps: []trigger.Step{trigger.Mail("", "")}},
	)
	want := map[string]string{
		"triggers[0].id":                         "is empty",
		"triggers[0].on":                         "is empty",
		"triggers[0].steps":                      "are empty",
		"triggers[1].id":                         `has a "/"`,
		"triggers[3].id":                         "IDs are unique",
		"triggers[3].on.segment_entered.segment": `"nobody" is not defined`,
		"triggers[3].if.all[0].segment":          "is not defined",
		"triggers[4].limit":                      "names no pipeline",
		"triggers[4].steps[0]":                   "is nil",
		"triggers[4].steps[2]":                   "is nil",
		"triggers[5].on.stage_entered.stage":     `"unknown" is no stage of pipeline "salon"`,
		"triggers[5].limit":                      "is unknown",
		"triggers[5].steps[0].mail.subject":      "is empty",
		"triggers[5].steps[0].mail.text":         "is empty",
	}
	for path, fault := range want {
		assert.Contains(t, got[path], fault, path)
	}
	assert.Len(t, got, len(want), "%v", got)
}

func TestFaultsOfOn(t *testing.T) {
	t.Parallel()
	day := customer.Days(1)
	stray := trigger.StageEntered("salon", "due")
	stray.Field = "birthday"
	bought, viewed, unclear := trigger.Purchase(), trigger.Activity("page_view"), trigger.BeforeDate("birthday", day)
	bought.Pipeline, viewed.Segment, unclear.Clock = "salon", "vip", customer.Clock(10, 0)
	for _, tt := range []struct {
		on    trigger.On
		path  string // behind "triggers[0].on"
		fault string
	}{
		{trigger.On{}, "", "is empty"},
		{trigger.On{Event: 200}, "", "event_200"},
		{trigger.On{Event: customer.TriggerFired}, "", "no trigger can answer"},
		{trigger.CycleStarted("bakery"), ".cycle_started.pipeline", "not defined"},
		{trigger.StageLeft("", "unknown"), ".stage_left.stage", "no stage"},
		{trigger.SegmentLeft("nobody"), ".segment_left.segment", "not defined"},
		{trigger.Purchase().At(10, 0), ".purchase", "is no date"},
		{trigger.CustomerAdded().EveryYear(), ".customer_added", "is no date"},
		{stray, ".stage_entered", "is no date"},
		{bought, ".purchase", "what it never has"},
		{viewed, ".activity", "what it never has"},
		{unclear, ".before_date", "what it never has"},
		{trigger.BeforeNext("", day), ".before_next", "neither a pipeline nor a field"},
		{trigger.BeforeDate("", day), ".before_next", "neither a pipeline nor a field"},
		{trigger.BeforeNext("bakery", day), ".before_next.pipeline", "not defined"},
		{trigger.BeforeNext("salon", day).EveryYear(), ".before_next.yearly", "comes once"},
		{trigger.BeforeNext("salon", customer.Days(-1)), ".before_next.by", "negative"},
		{trigger.AfterDate("birthday", customer.Years(2)).EveryYear(), ".after_date.by", "more than the year"},
		{trigger.BeforeNext("salon", day).At(24, 0), ".before_next.at", "24:00 is no time of day"},
		{trigger.BeforeDate("birthday", day).At(0, 60), ".before_date.at", "no time of day"},
		{trigger.BeforeNext("salon", customer.Hours(3)).At(10, 0), ".before_next.at", "whole days, not PT3H"},
	} {
		got := faults(t, trigger.Trigger{ID: "t", On: tt.on, Steps: task})
		assert.Contains(t, got["triggers[0].on"+tt.path], tt.fault, "%+v: %v", tt.on, got)
		assert.Len(t, got, 1, "%+v: %v", tt.on, got)
	}
}

func TestFaultsOfSteps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		step  trigger.Step
		path  string // behind "triggers[0].steps[0]"
		fault string
	}{
		{trigger.Send("", "x"), ".send.channel", "is empty"},
		{trigger.Send("task", "x"), ".send.channel", "carries no messages"},
		{trigger.Send("webhook", "x"), ".send.channel", "carries no messages"},
		{trigger.Send("sms", " \n"), ".send.text", "is empty"},
		{trigger.Mail(" ", "x"), ".mail.subject", "is empty"},
		{trigger.Mail("{{.No}}", "x"), ".mail.subject", "unknown field .No"},
		{trigger.Mail("x", "{{.No}}"), ".mail.text", "unknown field .No"},
		{trigger.Task(""), ".task.text", "is empty"},
		{trigger.Webhook(""), ".webhook.url", "no http or https address"},
		{trigger.Webhook("example.org"), ".webhook.url", "no http"},
		{trigger.Webhook("ftp://example.org"), ".webhook.url", "no http"},
		{trigger.Webhook("file:///etc/passwd"), ".webhook.url", "no http"},
		{trigger.Webhook("http://"), ".webhook.url", "no http"},
		{trigger.Webhook("http://:80/x"), ".webhook.url", "no http"},
		{trigger.Webhook("http://exa mple.org"), ".webhook.url", "no http"},
		{trigger.Tag(""), ".tag", "name is empty"},
		{trigger.Untag(""), ".untag", "name is empty"},
		{trigger.SetField("", customer.Text("x")), ".set_field.name", "name is empty"},
		{trigger.Assign(""), ".assign", "name is empty"},
		{trigger.Wait(customer.Period{}), ".wait.for", "no time at all"},
		{trigger.Wait(customer.Hours(-1)), ".wait.for", "negative"},
		{trigger.WaitAt(customer.Days(1), customer.Clock(-1, 0)), ".wait_at.at", "no time of day"},
		{trigger.WaitAt(customer.Hours(3), customer.Clock(9, 0)), ".wait_at.at", "whole days, not PT3H"},
	} {
		got := faults(t, trigger.Trigger{ID: "t", On: trigger.Purchase(), Steps: []trigger.Step{tt.step}})
		assert.Contains(t, got["triggers[0].steps[0]"+tt.path], tt.fault, "%v: %v", tt.step, got)
		assert.Len(t, got, 1, "%v: %v", tt.step, got)
	}
}

func TestNamesOfNothing(t *testing.T) {
	t.Parallel()
	_, err := trigger.Compile([]trigger.Trigger{
		{ID: "a", On: trigger.CycleStarted("salon"), Steps: task},
		{ID: "b", On: trigger.StageEntered("", "due"), Steps: task},
		{ID: "c", On: trigger.SegmentEntered("vip"), If: segment.In("vip"), Steps: task},
	}, trigger.Names{})
	for _, path := range []string{"triggers[0].on.cycle_started.pipeline", "triggers[1].on.stage_entered.stage", "triggers[2].on.segment_entered.segment", "triggers[2].if"} {
		require.ErrorContains(t, err, path)
	}
	set, err := trigger.Compile(nil, trigger.Names{})
	require.NoError(t, err)
	assert.Nil(t, set.Find("a"))
}

func TestASetAnswersInOrder(t *testing.T) {
	t.Parallel()
	within := segment.Purchases{Within: customer.Hours(5)}.Count(segment.AtLeast, 1)
	set, err := trigger.Compile([]trigger.Trigger{
		{ID: "z", On: trigger.StageEntered("salon", "due"), If: within, Limit: trigger.OncePerCycle, Steps: task},
		{ID: "m", On: trigger.Purchase(), Steps: task},
		{ID: "a", On: trigger.StageEntered("salon", ""), If: segment.In("vip"), Steps: task},
	}, names(t))
	require.NoError(t, err)
	var ids []string
	for _, p := range set.Answering(customer.StageEntered) {
		ids = append(ids, p.Trigger.ID)
	}
	assert.Equal(t, "z a", strings.Join(ids, " "))
	assert.Empty(t, set.Answering(customer.Refunded))
	assert.Equal(t, segment.Reach{Purchases: 5 * time.Hour}, set.Reach())
	assert.Nil(t, set.Find("m").If)
	assert.NotNil(t, set.Find("z").If)
}
