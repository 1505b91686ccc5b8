package customer_test

import (
	"encoding/json"
	"math"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
)

func TestEveryEventKindHasANameOfItsOwnThatReadsBack(t *testing.T) {
	t.Parallel()
	snake := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	seen := map[string]customer.EventKind{}
	for kind := customer.NoEvent; kind <= customer.RulesUnsettled; kind++ {
		name := kind.String()
		if kind != customer.NoEvent {
			assert.Regexp(t, snake, name, "kind %d", uint8(kind))
		}
		other, twice := seen[name]
		assert.False(t, twice, "%q is both %d and %d", name, uint8(other), uint8(kind))
		seen[name] = kind

		text, err := kind.MarshalText()
		require.NoError(t, err)
		var back customer.EventKind
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, kind, back)
	}
	assert.Equal(t, customer.NoEvent, seen[""])
}

// A store keeps the names: to rename one is to lose its history.
func TestEventKindNamesMatchTheirKinds(t *testing.T) {
	t.Parallel()
	for kind, name := range map[customer.EventKind]string{
		customer.CustomerAdded: "customer_added", customer.CustomerEdited: "customer_edited", customer.Purchased: "purchase",
		customer.Refunded: "refund", customer.Acted: "activity", customer.CycleStarted: "cycle_started",
		customer.CycleRestored: "cycle_restored", customer.CycleClosed: "cycle_closed", customer.Returned: "returned",
		customer.CustomerRefused: "refused", customer.StageEntered: "stage_entered", customer.StageLeft: "stage_left",
		customer.StageMoved: "stage_moved", customer.NextMoved: "next_moved", customer.SegmentEntered: "segment_entered",
		customer.SegmentLeft: "segment_left", customer.AutomationPaused: "automation_paused",
		customer.ManagerAssigned: "manager_assigned", customer.Tagged: "tagged", customer.Untagged: "untagged",
		customer.FieldSet: "field_set", customer.DateReached: "date_reached", customer.TriggerFired: "trigger_fired",
		customer.TriggerHeld: "trigger_held", customer.RunCancelled: "run_cancelled", customer.StepFailed: "step_failed",
		customer.MessageBlocked: "message_blocked", customer.DeliverySent: "delivery_sent",
		customer.DeliveryDead: "delivery_dead", customer.RulesUnsettled: "rules_unsettled",
	} {
		assert.Equal(t, name, kind.String())
	}
}

func TestUnknownEventKinds(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "event_255", customer.EventKind(math.MaxUint8).String())
	kind := customer.Purchased
	for _, text := range []string{"purchased", "Purchase", " purchase", "event_255", "event_3", "3"} {
		require.Error(t, kind.UnmarshalText([]byte(text)), text)
		assert.Equal(t, customer.Purchased, kind, "an error leaves what was there")
	}
}

func TestEventKindInJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(map[customer.EventKind]customer.EventKind{customer.Purchased: customer.StageEntered})
	require.NoError(t, err)
	assert.JSONEq(t, `{"purchase":"stage_entered"}`, string(text))
}

func TestEveryOriginOfANextDateHasANameOfItsOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for by := customer.ByNothing; by <= customer.ByPipeline; by++ {
		assert.NotEqual(t, "unknown", by.String())
		assert.NotEmpty(t, by.String())
		assert.False(t, seen[by.String()], by.String())
		seen[by.String()] = true
	}
	assert.Equal(t, "unknown", (customer.ByPipeline + 1).String())
	assert.Equal(t, "nothing", customer.ByNothing.String())
	assert.Equal(t, "pipeline", customer.ByPipeline.String())
}

func TestFindCycleGivesTheCycleItself(t *testing.T) {
	t.Parallel()
	cycles := []customer.Cycle{{Pipeline: "tea", Number: 1}, {Pipeline: "cakes", Number: 2, Closed: "lost"}}
	cakes := customer.FindCycle(cycles, "cakes")
	require.NotNil(t, cakes)
	assert.False(t, cakes.IsOpen())
	cakes.Closed = ""
	assert.True(t, cycles[1].IsOpen(), "no copy")
	assert.Nil(t, customer.FindCycle(cycles, "bread"))
	assert.Nil(t, customer.FindCycle(nil, "tea"))
}
