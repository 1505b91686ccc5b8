package pipeline_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
)

// lab is an engine beside a model of what it should do.
type lab struct {
	*rapid.T
	*pipeline.Engine
	cfg   pipeline.Config
	clock *dial
	model *model
	seen  int // events of the timeline compared so far
}

func newLab(t *rapid.T, w world) *lab {
	t.Helper()
	l := &lab{T: t, clock: newDial(at("2020-01-01 00:00")), model: newModel(w, 24*time.Hour)}
	l.cfg = pipeline.Config{Store: memory.New(), Clock: l.clock, Zone: w.zone, Definitions: w.definitions()}
	l.restart()
	return l
}

func (l *lab) restart() {
	l.Helper()
	var err error
	l.Engine, err = pipeline.New(l.cfg)
	require.NoError(l.T, err)
}

// play makes a move in the engine and in the model, and compares.
func (l *lab) play(m move) {
	l.Helper()
	l.clock.set(m.now)
	if r, ok := m.input.(redefinition); ok {
		l.redefine(r)
	} else if m.input == nil {
		_, err := l.Tick(context.Background())
		require.NoError(l.T, err)
		l.model.pass(m.now)
	} else {
		l.input(m)
	}
	l.compare()
}

func (l *lab) input(m move) {
	l.Helper()
	before, _ := l.Customer(context.Background(), "olga")
	err := l.Apply(context.Background(), m.input)
	after := l.record()
	live := happened(m.input, m.now)
	if before.Wake.After(before.QuietUntil) && live.Before(m.now) {
		live = m.now
	}
	// The instant at which it took effect: what had been done by then was done
	// without knowing.
	if l.model.input(m.input, live, after.AsOf, m.now) {
		require.NoError(l.T, err)
		return
	}
	require.Error(l.T, err)
	require.Equal(l.T, before, after)
}

func (l *lab) record() store.Record {
	l.Helper()
	rec, err := l.Customer(context.Background(), "olga")
	require.NoError(l.T, err)
	return rec
}

// compare holds the engine against the model.
func (l *lab) compare() {
	l.Helper()
	rec, m := l.record(), l.model
	require.Equal(l.T, told(m.events[min(l.seen, len(m.events)):]), told(l.events()[l.seen:]), "events")
	l.seen = len(m.events)
	require.Equal(l.T, cyclesOf(m), withoutHands(m.withoutShelved(rec.Cycles)), "cycles")
	require.Equal(l.T, membersOf(m), rec.Segments, "segments")
	require.Equal(l.T, m.totals(), rec.Totals, "totals")
	require.Equal(l.T, m.sent, l.deliveries(), "deliveries")
	require.Len(l.T, rec.Runs, len(m.runs), "waiting runs")
	l.compareWake(&rec)
}

// compareWake checks that the engine will not sleep through what the model
// foresees.
func (l *lab) compareWake(rec *store.Record) {
	l.Helper()
	m := l.model.clone()
	if !m.advance(m.at.AddDate(1, 1, 0), true) {
		return
	}
	require.False(l.T, rec.Wake.IsZero(), "no wake-up, but at %v there is something to do: %v", m.at, told(m.events[l.seen:]))
	require.False(l.T, rec.Wake.After(m.at), "wakes up at %v, but at %v there is something to do: %v", rec.Wake, m.at, told(m.events[l.seen:]))
}

func (l *lab) events() []customer.Event {
	var events []customer.Event
	for e, err := range l.Timeline(context.Background(), "olga") {
		require.NoError(l.T, err)
		events = append(events, e)
	}
	return events
}

func (l *lab) deliveries() []string {
	var list []string
	for d, err := range l.Deliveries(context.Background(), store.DeliveryQuery{}) {
		require.NoError(l.T, err)
		list = append(list, d.ID+" at "+d.At.Format(time.RFC3339Nano))
	}
	return list
}

// told writes events down, one line each.
func told(events []customer.Event) string {
	var lines []string
	for _, e := range events {
		lines = append(lines, fmt.Sprintf("%s %s", e.Known.Format("2006-01-02 15:04:05.999999"), fmt.Sprintf("%s %s %d", line(e), e.Ref, e.Amount)))
	}
	return strings.Join(lines, "\n")
}

func cyclesOf(m *model) []customer.Cycle {
	var list []customer.Cycle
	for i := range m.defs.pipelines {
		if c, ok := m.cycle(&m.defs.pipelines[i]); ok {
			m.place(&m.defs.pipelines[i], &c, m.at)
			list = append(list, c)
		}
	}
	return list
}

// withoutHands leaves out what a model need not know.
// withoutShelved leaves out what is kept of refused cycles whose purchases no
// pipeline takes any more, which the model keeps elsewhere.
func (m *model) withoutShelved(cycles []customer.Cycle) []customer.Cycle {
	return slices.DeleteFunc(slices.Clone(cycles), func(c customer.Cycle) bool {
		p := m.defs.pipeline(c.Pipeline)
		if p != nil {
			if _, taken := m.cycle(p); taken {
				return false
			}
		}
		return c.Hand != nil && c.Closed == c.Hand.Refused
	})
}

func withoutHands(cycles []customer.Cycle) []customer.Cycle {
	var list []customer.Cycle
	for _, c := range cycles {
		c.Hand, c.Due, c.Furthest = nil, time.Time{}, ""
		if len(c.Gaps) == 0 {
			c.Gaps = nil
		}
		list = append(list, c)
	}
	return list
}

func membersOf(m *model) []segment.Membership {
	var list []segment.Membership
	for id, since := range m.members {
		list = append(list, segment.Membership{Segment: id, Since: since})
	}
	slices.SortFunc(list, func(a, b segment.Membership) int { return strings.Compare(a.Segment, b.Segment) })
	return list
}

// explain shows the world and what was played where a check fails.
func explain(t *rapid.T, w *world, moves []move) {
	t.Logf("zone %v", w.zone)
	for i := range w.pipelines {
		t.Logf("%+v", w.pipelines[i])
	}
	for _, s := range w.segments {
		t.Logf("segment %s: %v; exit %v", s.id, s.enter, s.exit)
	}
	for _, tr := range w.triggers {
		t.Logf("%v", tr)
	}
	for _, m := range moves {
		t.Logf("%v", m)
	}
}

func TestModelAgreesAfterEveryMove(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.script(&w, 4+g.n("length", 16), func(*script) {})
		explain(t, &w, moves)
		l := newLab(t, w)
		for _, m := range moves {
			l.play(m)
		}
		l.play(move{now: moves[len(moves)-1].now.AddDate(0, 3, 0)})
	})
}
