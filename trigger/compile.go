package trigger

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// Names tells Compile which names of other definitions exist. What is nil has
// none.
type Names struct {
	HasPipeline func(pipeline string) bool
	HasStage    func(pipeline, stage string) bool
	Segments    *segment.Set
}

func (n *Names) hasPipeline(pipeline string) bool {
	return n.HasPipeline != nil && n.HasPipeline(pipeline)
}

func (n *Names) hasStage(pipeline, stage string) bool {
	return n.HasStage != nil && n.HasStage(pipeline, stage)
}

// Program is a compiled trigger.
type Program struct {
	Trigger Trigger
	If      *segment.Rule // nil: always
	actions []action
}

// Set is all triggers of an engine, compiled. It may be used concurrently.
type Set struct {
	programs []*Program
	byID     map[string]*Program
	byEvent  map[customer.EventKind][]*Program
	reach    segment.Reach
}

// Compile checks triggers and compiles them. Every fault is told, each a
// *customer.DefinitionError whose path begins with "triggers[i]".
func Compile(triggers []Trigger, names Names) (*Set, error) {
	if names.Segments == nil {
		names.Segments, _ = segment.Compile(nil, segment.Names{HasStage: names.HasStage})
	}
	c := &compiler{names: names, faults: new(customer.Faults)}
	s := &Set{byID: make(map[string]*Program, len(triggers)), byEvent: make(map[customer.EventKind][]*Program)}
	for i, t := range triggers {
		path := fmt.Sprintf("triggers[%d]", i)
		if _, twice := s.byID[t.ID]; twice {
			c.faults.Add(path+".id", "%q is the ID of another trigger; IDs are unique", t.ID)
		}
		p := c.trigger(t, path)
		s.programs = append(s.programs, p)
		s.byID[t.ID] = p
		s.byEvent[t.On.Event] = append(s.byEvent[t.On.Event], p)
	}
	s.reach = c.reach
	return s, c.faults.Err()
}

// Reach returns how far back the conditions of the triggers can see.
func (s *Set) Reach() segment.Reach { return s.reach }

// All returns the triggers in the order in which they were defined.
func (s *Set) All() []*Program { return slices.Clone(s.programs) }

// Find returns the trigger of that ID, or nil.
func (s *Set) Find(id string) *Program { return s.byID[id] }

// Answering returns the triggers that answer events of the kind, in the order
// in which they were defined. Whether one answers an event of that kind is
// [On.Matches]'s to tell.
func (s *Set) Answering(kind customer.EventKind) []*Program { return s.byEvent[kind] }

// Walk does the steps of a run from run.Step on, until one waits or none is
// left. It reports whether the run waits, at run.Due.
func (p *Program) Walk(run *Run, h Hands) bool {
	for run.Step < len(p.actions) {
		next := p.actions[run.Step](run, h)
		run.Step++
		if next != onward {
			return next == waiting && run.Step < len(p.actions)
		}
	}
	return false
}

// compiler compiles triggers one by one and gathers their faults.
type compiler struct {
	names  Names
	faults *customer.Faults
	reach  segment.Reach
}

func (c *compiler) trigger(t Trigger, path string) *Program {
	if t.ID == "" || strings.Contains(t.ID, "/") {
		c.faults.Add(path+".id", `%q is empty or has a "/", which delivery IDs are joined by`, t.ID)
	}
	c.on(&t.On, path+".on")
	if t.Limit > OnceEver {
		c.faults.Add(path+".limit", "is unknown; use EveryTime, OncePerCycle or OnceEver")
	}
	if t.Limit == OncePerCycle && t.On.Pipeline == "" {
		c.faults.Add(path+".limit", "is once per cycle, but on names no pipeline whose cycles to count")
	}
	p := &Program{Trigger: t}
	if t.If != nil {
		rule, reach := c.names.Segments.Rule(t.If, path+".if", c.faults)
		p.If, c.reach = rule, c.reach.Widest(reach)
	}
	if len(t.Steps) == 0 {
		c.faults.Add(path+".steps", "are empty; say what to do")
	}
	for i, s := range t.Steps {
		stepPath := fmt.Sprintf("%s.steps[%d]", path, i)
		if s == nil {
			c.faults.Add(stepPath, "is nil; give it a step")
			continue
		}
		p.actions = append(p.actions, s.compile(c, stepPath+"."+steps.Key(s)))
	}
	return p
}

func (c *compiler) on(on *On, path string) {
	o := on.occasion()
	switch {
	case on.Event == customer.NoEvent:
		c.faults.Add(path, "is empty; say what the trigger answers, as in StageEntered")
		return
	case o == nil:
		c.faults.Add(path, "is %s, which no trigger can answer; build it by the functions of this package", on.Event)
		return
	}
	path += "." + o.key
	if on.Pipeline != "" && !c.names.hasPipeline(on.Pipeline) {
		c.faults.Add(path+".pipeline", "%q is not defined; check the ID", on.Pipeline)
	} else if on.Stage != "" && !c.names.hasStage(on.Pipeline, on.Stage) {
		c.faults.Add(path+".stage", "%q is no stage of pipeline %q; check the ID", on.Stage, on.Pipeline)
	}
	if on.Segment != "" && !c.names.Segments.Has(on.Segment) {
		c.faults.Add(path+".segment", "%q is not defined; check the ID", on.Segment)
	}
	if on.Event == customer.DateReached {
		c.date(on, path)
	} else if on.Field != "" || !on.Offset.IsZero() || on.After || on.Yearly || on.Timed {
		c.faults.Add(path, "is no date, so it has no offset, time of day or year; use BeforeNext, AfterNext, BeforeDate or AfterDate")
		return
	}
	rest := *on
	if on.Field == "" {
		rest.Yearly = false // told above
	}
	if o.plain(&rest) != rest {
		c.faults.Add(path, "asks for what it never has, and so would never come; build it by the functions of this package")
	}
}

func (c *compiler) date(on *On, path string) {
	if on.Field == "" && on.Pipeline == "" {
		c.faults.Add(path, "names neither a pipeline nor a field to take the date from")
	}
	if on.Field == "" && on.Yearly {
		c.faults.Add(path+".yearly", "is for dates in a field of the card; the next purchase comes once")
	}
	c.period(on.Offset, path+".by")
	if on.Yearly && on.Offset.AtMost() > customer.Years(1).AtMost() {
		c.faults.Add(path+".by", "%s is more than the year after which the date comes again", on.Offset)
	}
	c.clock(on.Clock, path+".at")
	if on.Timed && on.Offset.Exact != 0 {
		c.faults.Add(path+".at", "a time of day needs an offset in whole days, not %s", on.Offset)
	}
}

func (c *compiler) period(p customer.Period, path string) {
	if err := p.Validate(); err != nil {
		c.faults.Add(path, "%v", err)
	}
}

func (c *compiler) clock(tod customer.TimeOfDay, path string) {
	if !tod.Valid() {
		c.faults.Add(path, "%s is no time of day", tod)
	}
}

func (c *compiler) required(text, path string) {
	if strings.TrimSpace(text) == "" {
		c.faults.Add(path, "is empty; say what to send")
	}
}

func (c *compiler) url(raw, path string) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		c.faults.Add(path, "%q is no http or https address", raw)
	}
}
