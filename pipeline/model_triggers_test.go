package pipeline_test

import (
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/trigger"
)

// act is a step as plain data.
type act struct {
	do    string // "send", "task", "tag", "untag", "set", "assign", "wait", "wait at", "stop"
	name  string
	d     customer.Period
	clock customer.TimeOfDay
}

func (a act) step() trigger.Step {
	switch a.do {
	case "send":
		return trigger.Send(a.name, "x")
	case "task":
		return trigger.Task("x")
	case "tag":
		return trigger.Tag(a.name)
	case "untag":
		return trigger.Untag(a.name)
	case "set":
		return trigger.SetField(a.name, customer.Number(1))
	case "assign":
		return trigger.Assign(a.name)
	case "wait":
		return trigger.Wait(a.d)
	case "wait at":
		return trigger.WaitAt(a.d, a.clock)
	}
	return trigger.Stop()
}

// trig is a trigger whose condition and steps are plain data.
type trig struct {
	def  trigger.Trigger // without If and Steps
	when rule            // none without a kind
	acts []act
}

func (t trig) trigger() trigger.Trigger {
	def := t.def
	if t.when.kind != "" {
		def.If = t.when.predicate()
	}
	for _, a := range t.acts {
		def.Steps = append(def.Steps, a.step())
	}
	return def
}

func (t trig) String() string {
	return fmt.Sprintf("%+v if %v do %v", t.def, t.when, t.acts)
}

// dates returns when the dates that a trigger answers come, as far as anybody
// can see.
func (m *model) dates(t *trig) []time.Time {
	on := t.def.On
	if on.Event != customer.DateReached {
		return nil
	}
	if on.Field == "" {
		c, ok := m.cycle(m.defs.pipeline(on.Pipeline))
		if !ok || m.told[on.Pipeline].Closed != "" || c.Next.IsZero() {
			return nil
		}
		return []time.Time{m.onDate(on, c.Next)}
	}
	var value customer.Value
	for _, f := range m.card.Fields {
		if f.Name == on.Field {
			value = f.Value
		}
	}
	instant, isInstant := value.AsInstant()
	date, isDate := value.AsDate()
	switch {
	case isInstant && !on.Yearly:
		return []time.Time{m.onDate(on, instant)}
	case isInstant:
		date = m.day(instant)
	case !isDate:
		return nil
	}
	midnight := func(d customer.Date) time.Time { return m.onDate(on, d.At(customer.Clock(0, 0), m.loc())) }
	if !on.Yearly {
		return []time.Time{midnight(date)}
	}
	var list []time.Time
	for year := max(date.Year, m.at.Year()-2); year <= m.at.Year()+3; year++ {
		list = append(list, midnight(date.In(year)))
	}
	return list
}

func (m *model) onDate(on trigger.On, anchor time.Time) time.Time {
	t := on.Offset.Before(anchor, m.loc())
	if on.After {
		t = on.Offset.After(anchor, m.loc())
	}
	if on.Timed {
		t = m.day(t).At(on.Clock, m.loc())
	}
	return t
}

// datesDue tells which dates come at this very instant.
func (m *model) datesDue() {
	for i := range m.defs.triggers {
		t := &m.defs.triggers[i]
		for _, date := range m.dates(t) {
			if date.Equal(m.at) {
				on := t.def.On
				m.emit(customer.Event{Kind: customer.DateReached, Trigger: t.def.ID, Pipeline: on.Pipeline, Name: on.Field})
			}
		}
	}
}

// answer fires the triggers that answer the event.
func (m *model) answer(e customer.Event) {
	for i := range m.defs.triggers {
		t := &m.defs.triggers[i]
		on := t.def.On
		matches := on.Event == e.Kind && (on.Pipeline == "" || on.Pipeline == e.Pipeline) && (on.Stage == "" || on.Stage == e.Stage) &&
			(on.Segment == "" || on.Segment == e.Segment) && (on.Activity == "" || on.Activity == e.Name) &&
			(e.Kind != customer.DateReached || e.Trigger == t.def.ID)
		if !matches {
			continue
		}
		var cycle customer.Cycle
		if p := m.defs.pipeline(e.Pipeline); p != nil {
			cycle, _ = m.cycle(p)
		}
		n := m.fired[t.def.ID]
		switch {
		case t.def.Limit == trigger.OnceEver && n.n > 0, t.def.Limit == trigger.OncePerCycle && n.n > 0 && cycle.Number > 0 && n.cycle == cycle.Purchase:
		case t.when.kind != "" && !m.holds(t.when):
		case m.paused.After(m.at):
			m.emit(customer.Event{Kind: customer.TriggerHeld, Trigger: t.def.ID, Reason: "automation is paused"})
		default:
			n = count{n.n + 1, cycle.Purchase}
			m.fired[t.def.ID] = n
			r := run{id: fmt.Sprintf("%s/%s/%d", m.card.ID, t.def.ID, n.n), of: t, in: m.defs.pipeline(on.Pipeline), cause: e}
			m.emit(customer.Event{Kind: customer.TriggerFired, Trigger: t.def.ID, Ref: r.id})
			m.walk(r)
		}
	}
}

// due returns when a run goes on.
func (m *model) due(r run) time.Time {
	if m.paused.After(r.due) {
		return m.paused
	}
	return r.due
}

// resume goes on with the runs that are due.
func (m *model) resume() {
	for i := 0; i < len(m.runs); i++ {
		if r := m.runs[i]; !m.due(r).After(m.at) {
			m.runs = append(m.runs[:i:i], m.runs[i+1:]...)
			m.walk(r)
			i = -1
		}
	}
}

func (m *model) walk(r run) {
	t := r.of
	for ; r.step < len(t.acts); r.step++ {
		a := t.acts[r.step]
		switch a.do {
		case "send", "task":
			m.send(r, a)
		case "wait", "wait at":
			r.due = m.waitsUntil(a)
			if r.step++; r.step < len(t.acts) {
				m.runs = append(m.runs, r)
				m.changes++
			}
			return
		case "stop":
			return
		default:
			m.change(r, a)
		}
	}
}

func (m *model) waitsUntil(a act) time.Time {
	t := a.d.After(m.at, m.loc())
	if a.do == "wait" {
		return t
	}
	for day := m.day(t); ; day = day.Add(customer.Days(1)) {
		if at := day.At(a.clock, m.loc()); at.After(m.at) {
			return at
		}
	}
}

func (m *model) send(r run, a act) {
	id := fmt.Sprintf("%s/%d", r.id, r.step)
	if reason := m.blocked(a); reason != "" {
		m.emit(customer.Event{Kind: customer.MessageBlocked, Trigger: r.of.def.ID, Ref: id, Name: a.name, Reason: reason})
		return
	}
	m.changes++
	m.sent = append(m.sent, id+" at "+m.at.Format(time.RFC3339Nano))
}

// blocked returns why a message is held back.
func (m *model) blocked(a act) string {
	if a.do != "send" {
		return ""
	}
	for _, c := range m.card.Consents {
		if c.Channel == a.name && !c.Granted {
			return "the customer denied consent"
		}
	}
	if a.name == "sms" && len(m.card.Phones) == 0 || a.name == "email" && len(m.card.Emails) == 0 {
		return "the card has no address for the channel"
	}
	return ""
}

func (m *model) change(r run, a act) {
	card := m.card.Normal()
	e := customer.Event{Trigger: r.of.def.ID, Ref: r.id, Name: a.name}
	switch a.do {
	case "tag":
		e.Kind, card.Tags = customer.Tagged, append(card.Tags, a.name)
	case "untag":
		e.Kind, card.Tags = customer.Untagged, without(card.Tags, a.name)
	case "set":
		e.Kind, card.Fields = customer.FieldSet, card.Fields.With(a.name, customer.Number(1))
	case "assign":
		e.Kind, card.Manager = customer.ManagerAssigned, a.name
	}
	if card = card.Normal(); !card.Equal(m.card.Normal()) {
		m.card = card
		m.emit(e)
	}
}

func without(tags []string, tag string) []string {
	var list []string
	for _, t := range tags {
		if t != tag {
			list = append(list, t)
		}
	}
	return list
}
