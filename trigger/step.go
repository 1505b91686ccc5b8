package trigger

import (
	"fmt"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Step is one thing that a trigger does. The set of steps is closed: they are
// built by the functions of this package. A Step may be shared and used
// concurrently.
type Step interface {
	// String says what the step does.
	String() string

	compile(c *compiler, path string) action
}

// action does one step of a run.
type action func(run *Run, h Hands) progress

// progress is how a run goes on after a step.
type progress uint8

const (
	onward  progress = iota // to the next step
	waiting                 // at run.Due, to the next step
	stopped
)

// Hands is what steps act through. The engine's step function implements it.
type Hands interface {
	Now() time.Time
	Zone() *time.Location // the customer's
	// Card returns the customer's card, to be read only.
	Card() *customer.Customer
	// Facts fills in what a template may show besides the card.
	Facts(run *Run, d *Data)
	// Edit changes the customer's card; e says what was done. It is given a copy.
	Edit(run *Run, e customer.Event, change func(*customer.Customer))
	Deliver(run *Run, d Delivery)
	// Fail notes that a step could not be done, and why.
	Fail(run *Run, reason string)
}

// Send sends the customer a message over a channel: "sms", "telegram". The text
// is a template: {{.Customer.Name}}, {{if .Customer.Phone}}...{{end}},
// {{default "friend" .Customer.Name}}. It may show the fields that [Data] lists,
// compare them (eq, ne, lt, le, gt, ge, and, or, not) and nothing else; what is
// not allowed is an error when the engine is built.
//
// The channel "email" reaches the first e-mail address of the card, every other
// the first phone. A message is not sent, which the timeline shows, to someone
// who denied consent for the channel, and over "email" and "sms" to someone who
// has no such address; over other channels [Delivery.To] is then empty.
func Send(channel, text string) Step { return message{channel, text} }

// Mail sends the customer a message with a subject over the channel "email".
// Both are templates as in [Send].
func Mail(subject, text string) Step { return mail{subject, text} }

type message struct {
	Channel string `json:"channel" doc:"what carries the message, as in sms or telegram"`
	Text    string `json:"text" doc:"a template of the text"`
}

func (m message) String() string { return "send over " + m.Channel }

func (m message) compile(c *compiler, path string) action {
	switch m.Channel {
	case "":
		c.faults.Add(path+".channel", "is empty; name the channel that carries the message")
	case taskChannel, webhookChannel:
		c.faults.Add(path+".channel", "is %q, which carries no messages; use Task or Webhook, or name another", m.Channel)
	}
	c.required(m.Text, path+".text")
	return say(m.Channel, nil, c.template(m.Text, path+".text"))
}

type mail struct {
	Subject string `json:"subject" doc:"a template of the subject"`
	Text    string `json:"text" doc:"a template of the text"`
}

func (m mail) String() string { return "send over email" }

func (m mail) compile(c *compiler, path string) action {
	c.required(m.Subject, path+".subject")
	c.required(m.Text, path+".text")
	return say("email", c.template(m.Subject, path+".subject"), c.template(m.Text, path+".text"))
}

// say returns an action that sends the customer a message.
func say(channel string, subject, text *text) action {
	return deliver(func(d *Delivery, h Hands) {
		d.Kind, d.Channel, d.To = MessageKind, channel, address(h.Card(), channel)
	}, subject, text)
}

// address returns where a channel reaches the customer: the first e-mail
// address for "email", the first phone for everything else.
func address(c *customer.Customer, channel string) string {
	list := c.Phones
	if channel == "email" {
		list = c.Emails
	}
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// Task asks a person to do something: the customer's manager, where there is
// one. The text is a template as in [Send].
func Task(text string) Step { return task{text} }

type task struct {
	Text string `json:"text" doc:"a template of what is to be done"`
}

func (t task) String() string { return "task" }

func (t task) compile(c *compiler, path string) action {
	c.required(t.Text, path+".text")
	return deliver(func(d *Delivery, h Hands) {
		d.Kind, d.Channel, d.To = TaskKind, taskChannel, h.Card().Manager
	}, nil, c.template(t.Text, path+".text"))
}

// Webhook calls a webhook with the delivery, its cause included.
func Webhook(url string) Step { return webhook{url} }

type webhook struct {
	URL string `json:"url" doc:"an http or https address"`
}

func (w webhook) String() string { return "call " + w.URL }

func (w webhook) compile(c *compiler, path string) action {
	c.url(w.URL, path+".url")
	return deliver(func(d *Delivery, _ Hands) {
		d.Kind, d.Channel, d.URL = WebhookKind, webhookChannel, w.URL
	}, nil, nil)
}

// The channels that everything but messages goes over.
const (
	taskChannel    = "task"
	webhookChannel = "webhook"
)

// oneLine keeps what a customer is called from adding headers to a mail, or lines
// to what is printed.
var oneLine = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ")

// deliver returns an action that hands over a delivery which fill completes.
func deliver(fill func(*Delivery, Hands), subject, text *text) action {
	return func(run *Run, h Hands) progress {
		d := Delivery{
			ID:       fmt.Sprintf("%s/%d", run.ID, run.Step),
			Customer: h.Card().ID,
			Trigger:  run.Trigger,
			At:       h.Now(),
			Cause:    run.Cause,
		}
		fill(&d, h)
		var err error
		if d.Subject, err = subject.render(run, h); err == nil {
			d.Subject = oneLine.Replace(d.Subject)
			d.Text, err = text.render(run, h)
		}
		if err == nil && text != nil && strings.TrimSpace(d.Text) == "" {
			err = errNoText
		}
		if err != nil {
			h.Fail(run, err.Error())
			return onward
		}
		h.Deliver(run, d)
		return onward
	}
}
