package pipeline_test

import (
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
)

// input tells the model of something that becomes known at now. What the clock
// did up to live was done before; the input takes effect at an instant. It
// returns false where the model would have none of it.
func (m *model) input(in customer.Input, live, at, now time.Time) bool {
	when := happened(in, now)
	then := m.clone()
	then.pass(live)
	if then.decided(in, when) {
		*m = *then
		return true
	}
	if !then.sensible(in) {
		return false
	}
	*m = *then
	late := now.Sub(when) > m.lateness
	if late && now.After(m.quiet) {
		m.quiet = now
	}
	known := now
	if at.After(known) {
		known = at
	}
	m.settle(at, known, late, func() { m.happen(in) })
	return true
}

// decided reports whether that very decision was taken in before.
func (m *model) decided(in customer.Input, when time.Time) bool {
	switch in := in.(type) {
	case customer.Refusal:
		for id, h := range m.hands {
			if (in.Pipeline == "" || id == in.Pipeline) && h.refusedAt.Equal(when) && h.refused == in.By.Reason {
				return true
			}
		}
	case customer.StageMove:
		h := m.hands[in.Pipeline]
		return h.purchase == m.told[in.Pipeline].Purchase && h.stageAt.Equal(when) && h.stage == in.Stage
	case customer.NextMove:
		h := m.hands[in.Pipeline]
		return h.purchase == m.told[in.Pipeline].Purchase && h.nextAt.Equal(when) && h.next.Equal(in.Next)
	case customer.Pause:
		return m.paused.Equal(in.Until)
	case customer.Assignment:
		return m.card.Manager == in.Manager
	}
	return false
}

// happened returns when it happened.
func happened(in customer.Input, now time.Time) time.Time {
	switch in := in.(type) {
	case customer.Purchase:
		return in.At
	case customer.Activity:
		return in.At
	case customer.Refund:
		return in.At
	}
	return now
}

// sensible reports whether the input can be.
func (m *model) sensible(in customer.Input) bool {
	switch in := in.(type) {
	case customer.Refund:
		p := m.purchase(in.Purchase)
		if p == nil || in.At.Before(p.At) {
			return false
		}
		left, _ := net(p)
		return in.Amount <= left && (left > 0 || len(p.Refunds) == 0)
	case customer.Refusal:
		for id, c := range m.told {
			if id == in.Pipeline && m.has(id) || in.Pipeline == "" && c.Closed == "" {
				return true
			}
		}
		return false
	case customer.StageMove:
		return m.has(in.Pipeline)
	case customer.NextMove:
		return m.has(in.Pipeline)
	}
	return true
}

// has reports whether the customer is in the pipeline: one that was refused may
// take none of the purchases any more.
func (m *model) has(pipeline string) bool {
	p := m.defs.pipeline(pipeline)
	if p == nil {
		return false
	}
	_, ok := m.cycle(p)
	return ok
}

func (m *model) purchase(id string) *customer.Purchase {
	i := slices.IndexFunc(m.purchases, func(p customer.Purchase) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return &m.purchases[i]
}

func (m *model) happen(in customer.Input) {
	switch in := in.(type) {
	case customer.Customer:
		m.card = in
		m.card.Since = m.at
		m.emit(customer.Event{Kind: customer.CustomerAdded})
	case customer.Purchase:
		m.buy(in)
	case customer.Refund:
		m.refund(in)
	case customer.Activity:
		m.activities = append(m.activities, in)
		m.emit(customer.Event{Kind: customer.Acted, At: in.At, Ref: in.ID, Name: in.Name})
	case customer.Edit:
		before := m.card.Normal()
		in.Change(&m.card)
		m.card = m.card.Normal()
		if !m.card.Equal(before) {
			m.emit(customer.Event{Kind: customer.CustomerEdited, Actor: in.By.Actor, Reason: in.By.Reason})
		}
	case customer.Assignment:
		m.card.Manager = in.Manager
		m.emit(customer.Event{Kind: customer.ManagerAssigned, Name: in.Manager, Actor: in.By.Actor, Reason: in.By.Reason})
	case customer.Pause:
		m.paused = in.Until
		name := ""
		if !in.Until.IsZero() {
			name = in.Until.Format(time.RFC3339)
		}
		m.emit(customer.Event{Kind: customer.AutomationPaused, Name: name, Actor: in.By.Actor, Reason: in.By.Reason})
	default:
		m.decide(in)
	}
}

func (m *model) buy(p customer.Purchase) {
	m.emit(customer.Event{Kind: customer.Purchased, At: p.At, Ref: p.ID, Amount: p.Amount})
	m.cancelRuns(p)
	m.purchases = append(m.purchases, p)
	slices.SortFunc(m.purchases, byTime)
	for i := range m.defs.pipelines {
		of := &m.defs.pipelines[i]
		c, ok := m.cycle(of)
		if !ok || c.Purchase != p.ID {
			continue
		}
		was := m.told[of.ID]
		if was.Stage != "" {
			m.emit(customer.Event{Kind: customer.StageLeft, Pipeline: of.ID, Stage: was.Stage, Cycle: was.Number, At: p.At})
		}
		e := customer.Event{Pipeline: of.ID, Cycle: c.Number, Ref: p.ID, At: p.At}
		if was.Closed != "" && !m.refused(of, &c) {
			e.Kind = customer.Returned
			m.emit(e)
		}
		e.Kind = customer.CycleStarted
		m.emit(e)
		if was.Stage = ""; !m.refused(of, &c) {
			was.Closed = ""
		}
		m.told[of.ID], m.reached[of.ID] = was, 0
	}
}

func (m *model) cancelRuns(p customer.Purchase) {
	m.runs = slices.DeleteFunc(m.runs, func(r run) bool {
		past := m.still && p.At.Before(r.cause.At)
		cancel := r.of.def.CancelOnPurchase && !past && (r.in == nil || takes(r.in.Takes, &p))
		if cancel {
			m.emit(customer.Event{Kind: customer.RunCancelled, Trigger: r.of.def.ID, Ref: r.id, Reason: "the customer bought"})
		}
		return cancel
	})
}

func (m *model) refund(r customer.Refund) {
	p := m.purchase(r.Purchase)
	left, _ := net(p)
	if r.Amount == 0 {
		r.Amount = left
	}
	heads := make(map[string]customer.Cycle)
	for i := range m.defs.pipelines {
		if c, ok := m.cycle(&m.defs.pipelines[i]); ok {
			heads[c.Pipeline] = c
		}
	}
	p.Refunds = append(slices.Clone(p.Refunds), r)
	m.emit(customer.Event{Kind: customer.Refunded, At: r.At, Ref: p.ID, Name: r.ID, Amount: r.Amount, Reason: r.Reason})
	for i := range m.defs.pipelines {
		of := &m.defs.pipelines[i]
		was, in := heads[of.ID]
		c, still := m.cycle(of)
		switch {
		case in && !still:
			m.dropped(of.ID, was.Number, "refunded")
		case in && was.Purchase != c.Purchase:
			m.restored(of, was, c)
		}
	}
}

// restored puts the customer back into an older cycle, which no trigger answers.
func (m *model) restored(of *pipeline.Pipeline, undone, c customer.Cycle) {
	if left := m.told[of.ID].Stage; left != "" {
		m.emit(customer.Event{Kind: customer.StageLeft, Pipeline: of.ID, Stage: left, Cycle: undone.Number})
	}
	m.inherit(of.ID, undone.Purchase, c.Purchase)
	m.place(of, &c, m.at)
	m.told[of.ID], m.reached[of.ID] = c, stageOf(of, c.Stage)
	m.emit(customer.Event{Kind: customer.CycleRestored, Pipeline: of.ID, Cycle: c.Number, Ref: c.Purchase})
	if c.Stage != "" {
		m.muted = append(m.muted, len(m.events))
		m.emit(customer.Event{Kind: customer.StageEntered, Pipeline: of.ID, Stage: c.Stage, Cycle: c.Number})
	}
	if c.Closed != "" {
		m.emit(customer.Event{Kind: customer.CycleClosed, Pipeline: of.ID, Cycle: c.Number, Reason: c.Closed})
	}
}

// inherit makes what fired in one cycle count for the other.
func (m *model) inherit(pipeline, undone, restored string) {
	for _, t := range m.defs.triggers {
		if n := m.fired[t.def.ID]; t.def.On.Pipeline == pipeline && n.cycle == undone {
			m.fired[t.def.ID] = count{n.n, restored}
		}
	}
}

func (m *model) dropped(pipeline string, number int, reason string) {
	e := customer.Event{Kind: customer.StageLeft, Pipeline: pipeline, Cycle: number, Stage: m.told[pipeline].Stage}
	if e.Stage != "" {
		m.emit(e)
	}
	if e.Kind, e.Stage, e.Reason = customer.CycleClosed, "", reason; number > 0 {
		m.emit(e)
	}
	delete(m.told, pipeline)
	delete(m.hands, pipeline)
	delete(m.reached, pipeline)
}

// decide takes in what people decided about cycles.
func (m *model) decide(in customer.Input) {
	change := func(id string, by customer.By, kind customer.EventKind, stage string, do func(h *hand)) {
		c, _ := m.cycle(m.defs.pipeline(id))
		h := m.hands[id]
		if h.purchase != c.Purchase {
			h = hand{purchase: c.Purchase, refused: h.refused, refusedAt: h.refusedAt, refusedIn: h.refusedIn}
		}
		do(&h)
		m.hands[id] = h
		m.emit(customer.Event{Kind: kind, Pipeline: id, Stage: stage, Cycle: c.Number, Actor: by.Actor, Reason: by.Reason})
	}
	switch in := in.(type) {
	case customer.Refusal:
		for i := range m.defs.pipelines {
			id := m.defs.pipelines[i].ID
			told, there := m.told[id]
			if there && (id == in.Pipeline || in.Pipeline == "" && told.Closed == "") {
				change(id, in.By, customer.CustomerRefused, "", func(h *hand) {
					h.refused, h.refusedAt, h.refusedIn = in.By.Reason, m.at, h.purchase
				})
			}
		}
	case customer.StageMove:
		change(in.Pipeline, in.By, customer.StageMoved, in.Stage, func(h *hand) {
			h.stage, h.stageAt = in.Stage, m.at
			h.refused, h.refusedAt, h.refusedIn = "", time.Time{}, ""
			m.reached[in.Pipeline] = 0
		})
	case customer.NextMove:
		change(in.Pipeline, in.By, customer.NextMoved, "", func(h *hand) {
			h.next, h.nextAt = in.Next, m.at
			m.reached[in.Pipeline] = 0
		})
	}
}
