package customer

import (
	"fmt"
	"time"
)

// Event is an entry of a customer's timeline: something that happened to the
// customer, or that the library did. Which fields are set depends on the kind.
type Event struct {
	Kind     EventKind
	At       time.Time // when it took effect
	Known    time.Time // when it became known, later than At for what arrived late; of what the clock brought, when that was due, however late it was looked at
	Pipeline string
	Stage    string
	Segment  string
	Trigger  string
	Ref      string // the ID of the purchase, activity, run or delivery
	Name     string // the activity's name, the tag, the field, the manager, the channel
	Amount   int64  // minor units
	Cycle    int    // the number of the cycle as it was then; a late purchase or a refund can change it
	Actor    string // who did it, where a person did
	Reason   string
}

// EventKind says what an [Event] is about.
type EventKind uint8

// The kinds of [Event].
const (
	NoEvent          EventKind = iota
	CustomerAdded              // the card was created
	CustomerEdited             // the card was changed by an Edit
	Purchased                  // Ref, Amount
	Refunded                   // Ref is the purchase, Name the refund, Amount what was paid back
	Acted                      // an activity: Ref, Name
	CycleStarted               // a purchase opened a cycle: Pipeline, Cycle, Ref
	CycleRestored              // a refund, or another definition, put an older purchase back at the head of the cycle: Ref
	CycleClosed                // Pipeline, Cycle, Reason
	Returned                   // a purchase opened a cycle after a closed one
	CustomerRefused            // the customer wants no more: Pipeline, Reason
	StageEntered               // Pipeline, Stage, Cycle
	StageLeft                  // Pipeline, Stage, Cycle
	StageMoved                 // a person moved the customer; StageLeft and StageEntered follow
	NextMoved                  // a person set the next purchase date
	SegmentEntered             // Segment
	SegmentLeft                // Segment
	AutomationPaused           // Name is until when, in RFC 3339; empty: automation goes on
	ManagerAssigned            // Name
	Tagged                     // Name
	Untagged                   // Name
	FieldSet                   // Name
	DateReached                // a date trigger's instant came: Trigger
	TriggerFired               // Trigger, Ref is the run
	TriggerHeld                // a trigger that matched was held back: Trigger, Reason
	RunCancelled               // Trigger, Ref, Reason
	StepFailed                 // a step could not be done: Trigger, Ref, Reason
	MessageBlocked             // a message was not queued: Trigger, Ref, Name is the channel, Reason
	DeliverySent               // Trigger, Ref, Name is the channel
	DeliveryDead               // given up: Trigger, Ref, Name is the channel, Reason
	RulesUnsettled             // the definitions did not settle and were cut: Trigger is the last that fired, Reason
	eventKinds
)

var eventKindNames = [eventKinds]string{
	"", "customer_added", "customer_edited", "purchase", "refund", "activity", "cycle_started", "cycle_restored",
	"cycle_closed", "returned", "refused", "stage_entered", "stage_left", "stage_moved", "next_moved",
	"segment_entered", "segment_left", "automation_paused", "manager_assigned", "tagged", "untagged", "field_set",
	"date_reached", "trigger_fired", "trigger_held", "run_cancelled", "step_failed", "message_blocked",
	"delivery_sent", "delivery_dead", "rules_unsettled",
}

// String returns the kind in snake case, as "stage_entered".
func (k EventKind) String() string {
	if k < eventKinds {
		return eventKindNames[k]
	}
	return fmt.Sprintf("event_%d", uint8(k))
}

// MarshalText writes the kind as [EventKind.String] does.
func (k EventKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what [EventKind.MarshalText] writes.
func (k *EventKind) UnmarshalText(text []byte) error {
	for i, name := range eventKindNames {
		if name == string(text) {
			*k = EventKind(i)
			return nil
		}
	}
	return fmt.Errorf("unknown event kind %.40q", text)
}
