package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// PreviewOptions says how [Engine.Preview] goes about it.
type PreviewOptions struct {
	// Sample is how many customers are named at most. Zero: 10.
	Sample int
	// Progress, where it is not nil, is called now and then with how many
	// customers were looked at.
	Progress func(scanned int)
}

// Preview is who would be in a segment.
type Preview struct {
	Scanned int      // customers there are
	Count   int      // those who would be in it
	Sample  []string // the IDs of some of them, in order
	Gaps    []Gap    // what the segment asks about that was pruned, so that the count may be wrong
}

// Preview tells who would be in a segment if it went live now: whom its Enter is
// true of and its Exit is not. It looks at everybody and changes nothing.
//
// The segment may refer to those that are live, in which customers are as of now,
// whether or not somebody has ticked; where one has its ID, it stands in for that
// one. It need not have an ID. A fault has the path that it would have in the
// definitions, behind the other segments.
//
// Of activities that [Engine.Prune] removed it does not know. Gaps tells where the
// segment asks about such.
//
// The sample is drawn from the whole base by a hash of the ID. So it is as fair
// as one drawn by lot, and the same each time as long as the same customers are
// in the segment.
func (e *Engine) Preview(ctx context.Context, s segment.Segment, o PreviewOptions) (Preview, error) {
	p := previewer{e: e, rules: e.rules.Load(), now: e.now(), sample: sample{size: o.Sample}}
	err := p.compile(s, &o)
	if err == nil {
		p.stepper = e.stepper(p.rules)
		defer e.steppers.Put(p.stepper)
		err = p.scan(ctx, o.Progress)
	}
	if err != nil {
		return Preview{}, fmt.Errorf("preview: %w", err)
	}
	p.told.Sample = p.sample.ids()
	return p.told, nil
}

// previewer looks at one customer after another.
type previewer struct {
	e       *Engine
	rules   *rules
	now     time.Time
	enter   *segment.Rule
	exit    *segment.Rule // nil: none
	members bool          // the rules read in which segments somebody is
	reach   segment.Reach
	sights  []Kept // what the rules see
	stepper *stepper
	loaded  store.Loaded // of the customer at work
	stale   []string     // customers who have to be stepped first
	told    Preview
	sample  sample
}

// compile checks the segment as one of the definitions, and compiles its
// predicates to be asked of customers in the live ones.
func (p *previewer) compile(s segment.Segment, o *PreviewOptions) error {
	switch {
	case o.Sample < 0:
		return &customer.FieldError{What: "preview of segment", ID: s.ID, Field: "Sample", Fault: "is negative; zero samples 10"}
	case o.Sample == 0:
		p.sample.size = 10
	}
	r := p.rules
	if err := r.accepts(s); err != nil {
		return err
	}
	ask := func(of segment.Predicate) *segment.Rule {
		rule, reach, members := r.rule(of)
		p.reach, p.members = p.reach.Widest(reach), p.members || members
		for _, sight := range rule.Sights() {
			p.sights = append(p.sights, Kept{Sight: sight})
		}
		return rule
	}
	p.enter = ask(s.Enter)
	if s.Exit != nil {
		p.exit = ask(s.Exit)
	}
	of := widest(p.sights)
	p.sights = p.sights[:0]
	for _, sight := range of {
		p.sights = append(p.sights, Kept{Sight: sight, Segment: s.ID})
	}
	return nil
}

// accepts reports the faults of a segment that is to be one of the definitions,
// or to replace the one of its ID.
func (r *rules) accepts(s segment.Segment) error {
	if s.ID == "" {
		s.ID = "(preview)"
	}
	others := slices.DeleteFunc(slices.Clone(r.definitions.Segments), func(live segment.Segment) bool { return live.ID == s.ID })
	_, err := segment.Compile(append(others, s), r.names())
	return err
}

// rule compiles a predicate that has no faults. It tells how far back that sees,
// and whether it reads in which segments a customer is.
func (r *rules) rule(p segment.Predicate) (rule *segment.Rule, reach segment.Reach, members bool) {
	var faults customer.Faults
	alone, _ := segment.Compile(nil, r.names())
	if rule, reach = alone.Rule(p, "", &faults); faults.Err() == nil {
		return rule, reach, false
	}
	rule, reach = r.segments.Rule(p, "", &faults)
	return rule, reach, true
}

// progressEvery is after how many customers Progress is called.
const progressEvery = 1000

func (p *previewer) scan(ctx context.Context, progress func(int)) error {
	for l, err := range p.e.cfg.Store.Find(ctx, store.Query{Reach: p.reach, Reuse: true}) {
		if err != nil {
			return err
		}
		p.loaded = l
		if err := p.look(ctx); err != nil {
			return err
		}
		if p.told.Scanned++; progress != nil && p.told.Scanned%progressEvery == 0 {
			progress(p.told.Scanned)
		}
	}
	err := p.lookAtStale(ctx)
	if err == nil {
		p.told.Gaps, err = p.e.gaps(ctx, p.sights, p.now)
	}
	return err
}

// look counts the customer at work, or puts them off where the record does not
// say how they stand now.
func (p *previewer) look(ctx context.Context) error {
	rec := &p.loaded.Record
	if rec.Definitions == p.rules.version && (rec.Wake.IsZero() || rec.Wake.After(p.now)) {
		p.stepper.show(&p.loaded, p.members)
		p.count(rec)
		return nil
	}
	if p.stale = append(p.stale, strings.Clone(rec.Customer.ID)); len(p.stale) < p.e.cfg.Batch {
		return nil
	}
	return p.lookAtStale(ctx)
}

// lookAtStale steps customers to now, as a tick would, and counts them. What comes
// of that is not committed.
func (p *previewer) lookAtStale(ctx context.Context) error {
	if len(p.stale) == 0 {
		return nil
	}
	loaded, err := p.e.load(ctx, p.rules, p.stale, everything)
	if err != nil {
		return err
	}
	for i := range loaded {
		if err := p.stepper.bring(loaded[i], everything, p.now); err != nil {
			return err
		}
		p.stepper.readFacts()
		p.count(&p.stepper.rec)
	}
	p.stale = p.stale[:0]
	return nil
}

// show lets facts tell of a customer who need not be stepped.
func (s *stepper) show(l *store.Loaded, members bool) {
	f := &s.facts
	f.Customer, f.Totals, f.Cycles = &l.Record.Customer, &l.Record.Totals, l.Record.Cycles
	f.Purchases, f.Activities, f.Zone = l.Purchases, l.Activities, s.zones.of(l.Record.Customer.Zone, s.zone)
	if members {
		s.state.Load(l.Record.Segments)
	}
}

// count counts the customer if the facts, which are of them, say so.
func (p *previewer) count(rec *store.Record) {
	s := p.stepper
	s.facts.At(latest(p.now, rec.AsOf)) // they may have been stepped meanwhile
	if p.enter.Holds(&s.facts, s.state) && (p.exit == nil || !p.exit.Holds(&s.facts, s.state)) {
		p.told.Count++
		p.sample.take(rec.Customer.ID)
	}
}
