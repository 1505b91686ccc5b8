package pipeline_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
)

// redefinition is the move by which the definitions change.
type redefinition struct {
	customer.Input // none
	to             world
	options        pipeline.RedefineOptions
	by             string // which engine: "the same", "another" or "a new one" that begins with them
}

func (r redefinition) String() string {
	return fmt.Sprintf("to %d pipelines, %d segments, %d triggers by %s; %+v", len(r.to.pipelines), len(r.to.segments), len(r.to.triggers), r.by, r.options)
}

// redefine makes the move in the engine and in the model.
func (l *lab) redefine(r redefinition) {
	l.Helper()
	before := l.record()
	if r.by == "a new one" {
		l.cfg.Definitions = r.to.definitions()
	}
	if r.by != "the same" {
		l.restart()
	}
	done, err := l.Redefine(context.Background(), r.to.definitions(), r.options)
	require.NoError(l.T, err)
	after := l.record()
	require.Equal(l.T, done.Version, after.Definitions)
	l.cfg.Definitions = r.to.definitions()
	if before.Definitions == after.Definitions {
		require.Equal(l.T, before, after)
		require.Zero(l.T, done.Customers)
		return
	}
	require.Equal(l.T, 1, done.Customers)
	l.model.redefine(r.to, l.clock.Now(), r.options)
	require.Equal(l.T, told(l.model.events[l.seen:]), told(l.events()[l.seen:]), "events")
	require.Equal(l.T, len(l.model.events)-l.seen, done.Events)
}

// life draws a history in which the definitions change now and then. It returns
// them with it.
func (g maker) life(w *world, times int, change func(*script)) ([]move, []world) {
	moves := g.script(w, 2+g.n("length", 8), change)
	worlds := []world{*w}
	for range times {
		s := &script{maker: g, w: w, now: moves[len(moves)-1].now, moves: moves, late: true, hands: true}
		change(s)
		s.purchases = purchasesIn(moves)
		s.pass()
		next := g.changed(w)
		worlds = append(worlds, next)
		s.w = &worlds[len(worlds)-1]
		s.add(redefinition{
			to: next, by: pick(g, "by", []string{"the same", "another", "a new one"}),
			options: pipeline.RedefineOptions{Fire: g.chance("fire", 3), CancelRemoved: g.chance("cancel removed", 3)},
		})
		s.play(g.n("length", 8))
		moves, w = s.moves, s.w
	}
	return moves, worlds
}

func purchasesIn(moves []move) []customer.Purchase {
	var list []customer.Purchase
	for _, m := range moves {
		if p, ok := m.input.(customer.Purchase); ok {
			list = append(list, p)
		}
	}
	return list
}

// changed draws definitions that differ from others in some parts.
func (g maker) changed(w *world) world {
	if g.chance("all else", 4) {
		other := g.world()
		other.zone = w.zone
		return other
	}
	c := world{zone: w.zone, pipelines: w.pipelines, segments: w.segments, triggers: w.triggers}
	if g.chance("pipelines", 2) {
		c.pipelines = g.changedPipelines(w)
	}
	if g.chance("segments", 2) || !c.valid(true) {
		c.segments, c.triggers = g.changedSegments(&c), nil
	}
	c.order = c.inOrder()
	if g.chance("triggers", 2) || !c.valid(false) {
		c.triggers = g.changedTriggers(&c, w.triggers)
	}
	return c
}

// valid reports whether everything that is referred to is there.
func (w *world) valid(segmentsOnly bool) bool {
	c := *w
	if segmentsOnly {
		c.triggers = nil
	}
	d := c.definitions()
	return d.Validate() == nil
}

func (g maker) changedPipelines(w *world) []pipeline.Pipeline {
	var list []pipeline.Pipeline
	for _, p := range w.pipelines {
		switch g.n("pipeline", 6) {
		case 0:
			continue
		case 1:
			p = g.pipeline(p.ID)
		case 2:
			p.Cadence = g.cadence("cadence")
		case 3:
			p.Takes = g.filter("takes")
		case 4:
			p.Stages = g.changedStages(p)
		case 5:
			p.LearnAfter = g.n("learns", 3)
		}
		list = append(list, p)
	}
	if len(list) == 0 || g.chance("another", 3) {
		list = append(list, g.pipeline("p3"))
	}
	slices.SortFunc(list, func(a, b pipeline.Pipeline) int { return int(a.ID[1]) - int(b.ID[1]) })
	return slices.CompactFunc(list, func(a, b pipeline.Pipeline) bool { return a.ID == b.ID })
}

// changedStages takes stages out, puts others in between, renames and swaps some.
func (g maker) changedStages(p pipeline.Pipeline) []pipeline.Stage {
	try := func(stages []pipeline.Stage) {
		c := p
		if c.Stages = stages; of(c).Validate() == nil {
			p = c
		}
	}
	for range 1 + g.n("changes", 2) {
		stages := slices.Clone(p.Stages)
		i := g.n("stage", len(stages)-1)
		switch g.n("stages", 4) {
		case 0:
			try(slices.Delete(stages, i, i+1))
		case 1:
			from := pipeline.Start{Anchor: pipeline.Anchor(1 + g.n("anchor", 2)), Offset: g.period("offset")}
			try(slices.Insert(stages, i, pipeline.Stage{ID: fmt.Sprint(g.n("new", 9)), From: from}))
		case 2:
			stages[i].ID = fmt.Sprint(g.n("name", 9))
			try(stages)
		case 3:
			stages[0].ID, stages[i].ID = stages[i].ID, stages[0].ID
			try(stages)
		case 4:
			stages[i].From.Offset = g.period("offset")
			try(stages)
		}
	}
	return p.Stages
}

func (g maker) changedSegments(w *world) []seg {
	c := *w
	c.segments = nil
	for i := range g.n("segments", 6) {
		s := seg{id: fmt.Sprintf("s%d", i), enter: g.rule(&c, 2)}
		if g.chance("exit", 4) {
			s.exit = g.rule(&c, 1)
		}
		c.segments = append(c.segments, s)
	}
	return c.segments
}

func (g maker) changedTriggers(w *world, before []trig) []trig {
	var list []trig
	for i := range g.n("triggers", 5) {
		id := fmt.Sprintf("t%d", g.n("id", 5))
		if slices.ContainsFunc(list, func(t trig) bool { return t.def.ID == id }) {
			continue
		}
		t := g.trigger(w, id)
		if i < len(before) && g.chance("keep", 2) {
			one := *w
			one.triggers = []trig{before[i]}
			if one.valid(false) && before[i].def.ID == id {
				t = before[i]
			}
		}
		list = append(list, t)
	}
	return list
}
