package pipeline_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

// world is definitions as plain data.
type world struct {
	zone      *time.Location
	pipelines []pipeline.Pipeline // by ID
	segments  []seg
	triggers  []trig
	order     []seg // each behind those it reads
}

func (w *world) definitions() pipeline.Definitions {
	d := pipeline.Definitions{Pipelines: w.pipelines}
	for _, s := range w.segments {
		made := segment.Segment{ID: s.id, Enter: s.enter.predicate()}
		if s.exit.kind != "" {
			made.Exit = s.exit.predicate()
		}
		d.Segments = append(d.Segments, made)
	}
	for _, t := range w.triggers {
		d.Triggers = append(d.Triggers, t.trigger())
	}
	return d
}

func (w *world) pipeline(id string) *pipeline.Pipeline {
	for i := range w.pipelines {
		if w.pipelines[i].ID == id {
			return &w.pipelines[i]
		}
	}
	return nil
}

func (w *world) segment(id string) seg {
	return w.segments[slices.IndexFunc(w.segments, func(s seg) bool { return s.id == id })]
}

var (
	zoneNames  = []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}
	categories = []string{"cake", "tea", "nails"}
	sources    = []string{"web", "till"}
	actions    = []string{"view", "cart", "msg"}
	tags       = []string{"a", "b"}
	managers   = []string{"anna", "igor"}
	begin      = []string{"2026-03-01 12:00", "2026-10-10 12:00", "2024-02-10 12:00", "2026-01-20 12:00"}
	dayStarts  = []customer.TimeOfDay{{}, customer.Clock(9, 0), customer.Clock(2, 30)}
	someDays   = []customer.Date{{Year: 1990, Month: 3, Day: 20}, {Year: 2000, Month: 2, Day: 29}, {Year: 2026, Month: 4, Day: 2}, {Year: 2026, Month: 11, Day: 5}}
)

// maker draws random definitions and histories.
type maker struct{ *rapid.T }

func (g maker) n(label string, most int) int { return rapid.IntRange(0, most).Draw(g.T, label) }

func (g maker) chance(label string, oneIn int) bool { return g.n(label, oneIn-1) == 0 }

func pick[E any](g maker, label string, from []E) E { return from[g.n(label, len(from)-1)] }

func (g maker) period(label string) customer.Period {
	switch n := g.n(label, 6); n {
	case 0:
		return customer.Hours(1 + g.n("hours", 60))
	case 1:
		return customer.Weeks(1 + g.n("weeks", 2))
	case 2:
		return customer.Months(1)
	case 3:
		return customer.Period{Days: g.n("days", 3), Exact: time.Duration(1+g.n("minutes", 2000)) * time.Minute}
	}
	return customer.Days(1 + g.n("days", 30))
}

func (g maker) filter(label string) customer.Filter {
	switch g.n(label, 6) {
	case 0:
		return customer.Filter{Categories: []string{pick(g, "category", categories)}}
	case 1:
		return customer.Filter{SKUs: []string{pick(g, "category", categories) + "-1"}}
	case 2:
		return customer.Filter{Sources: []string{pick(g, "source", sources)}}
	case 3:
		return customer.Filter{MinAmount: int64(10 * g.n("amount", 5))}
	}
	return customer.Filter{}
}

func (g maker) cadence(label string) customer.Cadence {
	if g.chance(label, 4) {
		return pipeline.EveryWeekday(time.Weekday(g.n("day", 6)), time.Weekday(g.n("day", 6)))
	}
	return pipeline.Every(g.period(label))
}

func (g maker) world() world {
	w := world{zone: zoneOf(pick(g, "zone", zoneNames))}
	for i := range 1 + g.n("pipelines", 2) {
		w.pipelines = append(w.pipelines, g.pipeline(fmt.Sprintf("p%d", i)))
	}
	for i := range g.n("segments", 6) {
		s := seg{id: fmt.Sprintf("s%d", i), enter: g.rule(&w, 2)}
		if g.chance("exit", 4) {
			s.exit = g.rule(&w, 1)
		}
		w.segments = append(w.segments, s)
	}
	if len(w.segments) > 1 && g.chance("backwards", 2) {
		slices.Reverse(w.segments) // so that segments read ones defined behind them
	}
	w.order = w.inOrder()
	for i := range g.n("triggers", 5) {
		w.triggers = append(w.triggers, g.trigger(&w, fmt.Sprintf("t%d", i)))
	}
	return w
}

func (g maker) pipeline(id string) pipeline.Pipeline {
	p := pipeline.Pipeline{
		ID: id, Takes: g.filter("takes"), DayStart: pick(g, "day start", dayStarts),
		Stages: []pipeline.Stage{{ID: "0", From: pipeline.SincePurchase(customer.Days(0))}},
	}
	if !g.chance("no cadence", 5) {
		p.Cadence = g.cadence("cadence")
	}
	if g.chance("items", 3) {
		p.Items = []pipeline.ItemCadence{{Of: customer.Filter{Categories: []string{pick(g, "of", categories)}}, Cadence: g.cadence("item cadence")}}
	}
	if g.chance("learns", 2) {
		p.LearnAfter = 1 + g.n("after", 2)
	}
	for i := range g.n("stages", 5) {
		from := pipeline.Start{Anchor: pipeline.Anchor(1 + g.n("anchor", 2))}
		if !g.chance("no offset", 4) {
			from.Offset = g.period("offset")
		}
		longer := p
		longer.Stages = append(slices.Clone(p.Stages), pipeline.Stage{ID: fmt.Sprint(i + 1), From: from})
		if of(longer).Validate() == nil {
			p = longer
		}
	}
	if last := len(p.Stages) - 1; last > 0 && g.chance("closes", 2) {
		p.Stages[last].Closes = "closed"
	}
	return p
}

func (g maker) rule(w *world, depth int) rule {
	if depth > 0 && g.chance("logic", 2) {
		r := rule{kind: pick(g, "kind", []string{"all", "any", "not"})}
		for range 1 + g.n("kids", 2) {
			r.of = append(r.of, g.rule(w, depth-1))
		}
		if r.kind == "not" {
			r.of = r.of[:1]
		}
		return r
	}
	ops := []segment.Op{segment.Equal, segment.NotEqual, segment.Less, segment.AtMost, segment.AtLeast, segment.More}
	r := rule{op: pick(g, "op", ops), n: int64(g.n("n", 3))}
	if r.op == segment.Less {
		r.n++ // nothing is less than zero
	}
	if !g.chance("ever", 4) {
		r.within = g.period("within")
	}
	return g.leaf(w, r)
}

func (g maker) leaf(w *world, r rule) rule {
	r.kind = pick(g, "leaf", []string{"tag", "field", "source", "manager", "purchases", "purchases", "bought", "activities", "activities", "recent", "asleep", "stage", "in"})
	switch r.kind {
	case "tag":
		r.names = []string{pick(g, "tag", tags)}
	case "field":
		r.names, r.value = []string{"f"}, customer.Number(float64(r.n))
	case "source":
		r.names = []string{pick(g, "source", sources)}
	case "manager":
		r.names = []string{pick(g, "manager", managers)}
	case "purchases":
		r.filter, r.metric = g.filter("filter"), pick(g, "metric", []string{"count", "total", "average", "largest"})
		if r.metric != "count" {
			r.n *= 25
		}
	case "bought":
		r.names = []string{pick(g, "category", categories)}
	case "activities":
		r.names = []string{pick(g, "action", actions)}
	case "recent", "asleep":
		r.within = g.period("within")
	case "stage":
		p := pick(g, "pipeline", w.pipelines)
		r.names = []string{p.ID, pick(g, "stage", p.Stages).ID}
	case "in":
		if len(w.segments) == 0 {
			return rule{kind: "all"}
		}
		r.names = []string{pick(g, "segment", w.segments).id}
	}
	return r
}

func (g maker) trigger(w *world, id string) trig {
	t := trig{def: trigger.Trigger{ID: id, On: g.on(w), CancelOnPurchase: g.chance("cancel", 2)}}
	if g.chance("if", 3) {
		t.when = g.rule(w, 1)
	}
	for range 1 + g.n("acts", 3) {
		t.acts = append(t.acts, g.act())
	}
	edits := slices.ContainsFunc(t.acts, func(a act) bool { return slices.Contains([]string{"tag", "untag", "set", "assign"}, a.do) })
	switch {
	case edits: // or two of them could go on for ever
		t.def.Limit = trigger.OnceEver
	case t.def.On.Pipeline != "" && g.chance("per cycle", 3):
		t.def.Limit = trigger.OncePerCycle
	case g.chance("once", 4):
		t.def.Limit = trigger.OnceEver
	}
	return t
}

func (g maker) on(w *world) trigger.On {
	p := pick(g, "pipeline", w.pipelines)
	stage := pick(g, "stage", p.Stages).ID
	switch n := g.n("on", 13); {
	case n == 0:
		return trigger.CustomerAdded()
	case n == 1:
		return trigger.Purchase()
	case n == 2:
		return trigger.Refund()
	case n == 3:
		return trigger.Activity(pick(g, "action", actions))
	case n == 4:
		return pick(g, "cycle", []trigger.On{trigger.CycleStarted(p.ID), trigger.Returned(p.ID), trigger.Refused(p.ID)})
	case n == 5:
		return trigger.StageLeft(p.ID, stage)
	case n < 8:
		return trigger.StageEntered(p.ID, stage)
	case n < 10 && len(w.segments) > 0:
		id := pick(g, "segment", w.segments).id
		return pick(g, "moved", []trigger.On{trigger.SegmentEntered(id), trigger.SegmentLeft(id)})
	}
	return g.date(p.ID)
}

func (g maker) date(pipeline string) trigger.On {
	d := g.period("offset")
	on := pick(g, "date", []trigger.On{
		trigger.BeforeNext(pipeline, d), trigger.AfterNext(pipeline, d),
		trigger.BeforeDate("date", d), trigger.AfterDate("date", d), trigger.BeforeDate("instant", d),
	})
	if d.Exact == 0 && g.chance("timed", 2) {
		on = on.At(pick(g, "hour", []int{2, 10, 23}), 30)
	}
	if on.Field != "" && g.chance("yearly", 2) {
		on = on.EveryYear()
	}
	return on
}

func (g maker) act() act {
	a := act{do: pick(g, "act", []string{"send", "send", "task", "tag", "untag", "set", "assign", "wait", "wait", "wait at", "stop"})}
	switch a.do {
	case "send":
		a.name = pick(g, "channel", []string{"sms", "email"})
	case "tag", "untag":
		a.name = pick(g, "tag", tags)
	case "set":
		a.name = "f"
	case "assign":
		a.name = pick(g, "manager", managers)
	case "wait":
		a.d = g.period("wait")
	case "wait at":
		a.d, a.clock = customer.Days(g.n("days", 2)), pick(g, "at", dayStarts)
	}
	return a
}
