package trigger

import (
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Delivery is one effect that must leave the process: a message to the
// customer, a task for a person, a call of a webhook. It is stored together
// with the state change that caused it and handed to a [Notifier] at least
// once, always with the same ID.
type Delivery struct {
	// ID is derived from what caused the delivery: customer, trigger, how often
	// the trigger had fired for the customer, and the step, joined by "/". A
	// receiver that drops IDs it has seen gets every delivery exactly once.
	ID       string
	Customer string
	Trigger  string
	Kind     DeliveryKind
	Channel  string         // what carries it: a message's channel, "task" or "webhook"
	To       string         // the first e-mail address or phone, as the channel needs; the manager of a task
	Subject  string         // of a message; empty where the channel has none
	Text     string         // of a message or task
	URL      string         // of a webhook
	At       time.Time      // when it came about, and may leave from
	Cause    customer.Event // what the trigger answered
}

// DeliveryKind says what a [Delivery] is.
type DeliveryKind uint8

// The kinds of [Delivery].
const (
	MessageKind DeliveryKind = iota + 1
	TaskKind
	WebhookKind
)

// String names the kind.
func (k DeliveryKind) String() string {
	switch k {
	case MessageKind:
		return "message"
	case TaskKind:
		return "task"
	case WebhookKind:
		return "webhook"
	}
	return fmt.Sprintf("delivery_%d", uint8(k))
}
