package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/benbjohnson/clock"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

const day = 24 * time.Hour

// still is a clock that shows what it was set to. A clock.Mock does too, but
// sleeps for a millisecond whenever it is set, to let timers run; here are none.
type still struct {
	clock.Clock
	now time.Time
}

// Now returns what the clock was set to.
func (s *still) Now() time.Time { return s.now }

// player feeds logs to an engine on a clock that it moves itself.
type player struct {
	eng     *pipeline.Engine
	clk     *still
	known   map[string]bool // the customers added so far
	wakeups int
}

// batch is how much a store is handed at once, so that one in a database is not
// asked too often.
const batch = 1000

func newPlayer(s store.Store, defs pipeline.Definitions) (*player, error) {
	clk := &still{Clock: clock.NewMock()}
	eng, err := pipeline.New(pipeline.Config{
		Store:       s,
		Clock:       clk,
		Definitions: defs,
		Notifier:    trigger.NotifierFunc(func(context.Context, trigger.Delivery) error { return nil }),
		Ahead:       day, // a day is told in its first instant
		Batch:       batch,
		Lease:       day, // nobody else waits for what is claimed
	})
	if err != nil {
		return nil, err
	}
	return &player{eng: eng, clk: clk, known: make(map[string]bool)}, nil
}

// play plays a script on an empty store and returns what is at the last instant of
// its last day. It calls watch, with how many entries it has fed, after each day.
func play(ctx context.Context, in store.Store, s *script, watch func(fed int)) (report, error) {
	p, err := newPlayer(in, s.defs)
	if err != nil {
		return report{}, err
	}
	fed := 0
	for today := s.start(); today.Before(s.end()); today = today.Add(day) {
		n := countBefore(s.entries[fed:], today.Add(day))
		if err := p.day(ctx, today, s.entries[fed:fed+n]); err != nil {
			return report{}, err
		}
		fed += n
		watch(fed)
	}
	if err := p.tick(ctx, s.end().Add(-time.Microsecond)); err != nil {
		return report{}, err
	}
	return p.report(ctx, s)
}

// report returns what is now.
func (p *player) report(ctx context.Context, s *script) (report, error) {
	r := newReport(s.defs)
	r.Until, r.WakeUps, r.LeftOut = s.until.Format(dashedDay), p.wakeups, s.leftOut
	if err := r.tally(ctx, p.eng); err != nil {
		return r, err
	}
	var err error
	r.Explanations, err = explain(ctx, p.eng, s.questions)
	return r, err
}

func dayOf(t time.Time) time.Time { return t.Truncate(day) }

// countBefore returns how many of the entries lie before an instant.
func countBefore(entries []entry, end time.Time) int {
	n := slices.IndexFunc(entries, func(e entry) bool { return !e.at.Before(end) })
	if n < 0 {
		return len(entries)
	}
	return n
}

// day lets the night pass, and then feeds the entries of the day. The clock stays
// at its beginning: each entry takes effect at its own time, after whatever the
// customer's clock brings up to then, and no customer depends on another.
func (p *player) day(ctx context.Context, today time.Time, entries []entry) error {
	if err := p.tick(ctx, today); err != nil {
		return err
	}
	for some := range slices.Chunk(entries, batch) {
		if err := p.feed(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// tick moves the clock and does everything that is due by then.
func (p *player) tick(ctx context.Context, now time.Time) error {
	p.clk.now = now
	progress, err := p.eng.Tick(ctx)
	p.wakeups += progress.WakeUps
	return err
}

// feed tells the engine of entries in one call. Whoever is not known yet is added
// first.
func (p *player) feed(ctx context.Context, entries []entry) error {
	inputs := make([]customer.Input, 0, 2*len(entries))
	from := make([]entry, 0, 2*len(entries)) // where each input is from
	for _, e := range entries {
		if id := e.input.CustomerID(); !p.known[id] {
			p.known[id] = true
			inputs = append(inputs, customer.Customer{ID: id, Since: e.at})
			from = append(from, e)
		}
		inputs = append(inputs, e.input)
		from = append(from, e)
	}
	err := p.eng.Apply(ctx, inputs...)
	var refused *pipeline.InputError
	if errors.As(err, &refused) {
		e := from[refused.Index]
		return inFile(e.log, &lineError{e.line, fmt.Errorf("the engine refuses it: %w", refused)})
	}
	return err
}
