package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

// Definitions is all that an engine is told to do. They are plain values,
// checked all at once when the engine is built, and round-trip through JSON; see
// [ParseDefinitions].
type Definitions struct {
	Pipelines []Pipeline        `json:"pipelines,omitzero" doc:"the cycles that customers go through"`
	Segments  []segment.Segment `json:"segments,omitzero" doc:"the named, dynamic sets of customers"`
	Triggers  []trigger.Trigger `json:"triggers,omitzero" doc:"what to do when something happens"`
}

// Validate tells every fault of the definitions, each a
// *customer.DefinitionError that names its place in the JSON document, as
// "triggers[2].steps[0].send.text".
func (d Definitions) Validate() error {
	_, err := compile(d)
	return err
}

// rules is checked and compiled definitions. It may be used concurrently.
type rules struct {
	definitions Definitions
	version     string      // of the definitions
	document    []byte      // them as JSON
	kept        atomic.Bool // the store has the document

	archive       *archive
	inUse         sync.RWMutex // held to read by whoever works by them, see Engine.hold
	fire          bool         // triggers answer that the definitions changed
	cancelRemoved bool         // runs of triggers that are gone are cancelled

	pipelines []*Pipeline // ordered by ID, as the cycles of a record are
	byID      map[string]*Pipeline
	segments  *segment.Set
	triggers  *trigger.Set
	reach     segment.Reach
	sight     []segment.Sight // which activities they see, and no more; ordered by name
}

func compile(d Definitions) (*rules, error) {
	r := &rules{definitions: d.clone(), archive: new(archive), byID: make(map[string]*Pipeline, len(d.Pipelines))}
	var faults customer.Faults
	for i := range d.Pipelines {
		p := &r.definitions.Pipelines[i]
		path := fmt.Sprintf("pipelines[%d]", i)
		if _, twice := r.byID[p.ID]; twice {
			faults.Add(path+".id", "%q is the ID of another pipeline; IDs are unique", p.ID)
		}
		p.check(path, &faults)
		r.byID[p.ID] = p
		r.pipelines = append(r.pipelines, p)
	}
	slices.SortFunc(r.pipelines, func(a, b *Pipeline) int { return cmp.Compare(a.ID, b.ID) })
	var segmentErr, triggerErr error
	r.segments, segmentErr = segment.Compile(d.Segments, r.names())
	r.triggers, triggerErr = trigger.Compile(d.Triggers, trigger.Names{
		HasPipeline: r.hasPipeline,
		HasStage:    r.hasStage,
		Segments:    r.segments,
	})
	if err := errors.Join(faults.Err(), segmentErr, triggerErr); err != nil {
		return nil, err
	}
	r.reach = r.segments.Reach().Widest(r.triggers.Reach())
	r.sight = widest(r.sights())
	return r, r.name()
}

// name gives the rules their version and their document.
func (r *rules) name() (err error) {
	if r.document, err = r.definitions.MarshalJSON(); err != nil {
		return err
	}
	r.version, err = r.definitions.Version()
	return err
}

// clone returns a copy whose lists are its own.
func (d Definitions) clone() Definitions {
	d.Pipelines = slices.Clone(d.Pipelines)
	for i, p := range d.Pipelines {
		d.Pipelines[i] = *p.clone()
	}
	d.Segments = slices.Clone(d.Segments)
	d.Triggers = slices.Clone(d.Triggers)
	for i := range d.Triggers {
		d.Triggers[i].Steps = slices.Clone(d.Triggers[i].Steps)
	}
	return d
}

// clone returns a copy that shares nothing with p: what an engine was built
// with, the caller may change.
func (p Pipeline) clone() *Pipeline {
	p.Takes = p.Takes.Clone()
	p.Stages = slices.Clone(p.Stages)
	p.Items = slices.Clone(p.Items)
	for i := range p.Items {
		p.Items[i].Of = p.Items[i].Of.Clone()
	}
	return &p
}

// names returns what segments can refer to.
func (r *rules) names() segment.Names {
	return segment.Names{HasPipeline: r.hasPipeline, HasStage: r.hasStage}
}

func (r *rules) hasPipeline(id string) bool { return r.byID[id] != nil }

// hasStage reports whether the pipeline, or any where it is empty, has the
// stage.
func (r *rules) hasStage(pipeline, stage string) bool {
	for _, p := range r.pipelines {
		if (pipeline == "" || p.ID == pipeline) && p.stage(stage) >= 0 {
			return true
		}
	}
	return false
}

// stage returns the place of the stage in the pipeline, or -1.
func (p *Pipeline) stage(id string) int {
	return slices.IndexFunc(p.Stages, func(s Stage) bool { return s.ID == id })
}

func (p *Pipeline) check(path string, faults *customer.Faults) {
	if p.ID == "" {
		faults.Add(path+".id", "is empty; give the pipeline an ID")
	}
	checkCadence(p.Cadence, path+".cadence", faults)
	for i, item := range p.Items {
		itemPath := fmt.Sprintf("%s.items[%d]", path, i)
		checkCadence(item.Cadence, itemPath+".cadence", faults)
		if item.Cadence.IsZero() {
			faults.Add(itemPath+".cadence", "is none; give it a length or leave the rule out")
		}
		if item.Of.IsZero() {
			faults.Add(itemPath+".of", "takes every purchase; put this cadence into the pipeline's own")
		} else if err := item.Of.Validate(); err != nil {
			faults.Add(itemPath+".of", "%v", err)
		}
	}
	if err := p.Takes.Validate(); err != nil {
		faults.Add(path+".takes", "%v", err)
	}
	if p.LearnAfter < 0 || p.LearnAfter > maxGaps {
		faults.Add(path+".learn_after", "%d is not from 0 to %d", p.LearnAfter, maxGaps)
	}
	if !p.DayStart.Valid() {
		faults.Add(path+".day_start", "%s is no time of day", p.DayStart)
	}
	p.checkStages(path, faults)
}

func checkCadence(c customer.Cadence, path string, faults *customer.Faults) {
	if err := c.Validate(); err != nil {
		faults.Add(path, "%v", err)
	}
}

func (p *Pipeline) checkStages(path string, faults *customer.Faults) {
	if len(p.Stages) == 0 {
		faults.Add(path+".stages", "are empty; a pipeline has at least one")
		return
	}
	if first := p.Stages[0].From; first != SincePurchase(customer.Period{}) {
		faults.Add(path+".stages[0].from",
			"is not the purchase; the first stage begins with SincePurchase(customer.Days(0)), so that a customer is always in a stage")
	}
	for i := range p.Stages {
		p.checkStage(i, fmt.Sprintf("%s.stages[%d]", path, i), faults)
	}
}

func (p *Pipeline) checkStage(i int, path string, faults *customer.Faults) {
	s := p.Stages[i]
	if s.ID == "" {
		faults.Add(path+".id", "is empty; give the stage an ID")
	}
	if first := p.stage(s.ID); first != i {
		faults.Add(path+".id", "%q is already the ID of stages[%d]", s.ID, first)
	}
	if s.From.Anchor < AfterPurchase || s.From.Anchor > AfterNextPurchase {
		faults.Add(path+".from", "is empty; say when the stage begins, as in BeforeNext(customer.Days(7))")
	}
	if err := s.From.Offset.Validate(); err != nil {
		faults.Add(path+".from", "%v", err)
	}
	if s.Closes != "" && i < len(p.Stages)-1 {
		faults.Add(path+".closes", "ends the cycle, so the stages behind it can never come; put it last")
	}
	for j := i + 1; j < len(p.Stages); j++ {
		if s.From.neverBefore(p.Stages[j].From) {
			faults.Add(path+".from", "can never come: stages[%d] stands behind it and begins no later", j)
			break
		}
	}
}

// neverBefore reports whether a stage that starts at s can never be current
// ahead of one behind it that starts at t: t comes no later, whatever the dates.
func (s Start) neverBefore(t Start) bool {
	if (s.Anchor == AfterPurchase) != (t.Anchor == AfterPurchase) {
		return false // which is first depends on the cadence
	}
	switch {
	case s.Offset.Exact == 0 && t.Offset.Exact == 0:
		earliest, _ := s.days()
		_, latest := t.days()
		return latest <= earliest
	case !s.Offset.IsCalendar() && !t.Offset.IsCalendar():
		return t.sign()*t.Offset.Exact <= s.sign()*s.Offset.Exact
	}
	return false
}

// days returns the least and the most days that lie between the anchor and the
// start, negative for a start before it.
func (s Start) days() (least, most int) {
	o := s.Offset
	days := o.Weeks*7 + o.Days
	least = o.Years*365 + o.Months*28 + days
	most = o.Years*366 + o.Months*31 + days
	if s.sign() < 0 {
		return -most, -least
	}
	return least, most
}

func (s Start) sign() time.Duration {
	if s.Anchor == BeforeNextPurchase {
		return -1
	}
	return 1
}
