package segment

import (
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// InPipeline is true of customers who have a cycle, open or closed, in the
// pipeline.
func InPipeline(pipeline string) Predicate { return inPipeline(pipeline) }

type inPipeline string

func (inPipeline) key() string      { return "pipeline" }
func (p inPipeline) String() string { return fmt.Sprintf("in pipeline %q", string(p)) }

func (p inPipeline) compile(c *compiler, path string) eval {
	c.pipeline(string(p), path+".pipeline")
	return steady(func(f *Facts) bool { return f.cycle(string(p)) != nil })
}

// pipeline faults a pipeline that is not defined, and notes that it is read. It
// reports whether it is defined.
func (c *compiler) pipeline(id, path string) bool {
	defined := c.names.HasPipeline != nil && c.names.HasPipeline(id)
	if !defined {
		c.faults.Add(path, "%q is not defined; check the ID", id)
	}
	c.reads.pipeline(id)
	return defined
}

// InStage is true of customers who are in one of the stages of the pipeline.
func InStage(pipeline string, stages ...string) Predicate {
	return inStage{pipeline, slices.Clone(stages)}
}

type inStage struct {
	Pipeline string   `json:"pipeline"`
	Stages   []string `json:"stages"`
}

func (inStage) key() string { return "stage" }

func (p inStage) String() string {
	return fmt.Sprintf("in stage %s of %q", list(p.Stages, "or"), p.Pipeline)
}

func (p inStage) compile(c *compiler, path string) eval {
	path += ".stage"
	defined := c.pipeline(p.Pipeline, path+".pipeline")
	if len(p.Stages) == 0 {
		c.faults.Add(path+".stages", "are empty; name a stage")
	}
	for i, stage := range p.Stages {
		if defined && (c.names.HasStage == nil || !c.names.HasStage(p.Pipeline, stage)) {
			c.faults.Add(fmt.Sprintf("%s.stages[%d]", path, i), "%q is no stage of pipeline %q; check the ID", stage, p.Pipeline)
		}
	}
	return c.moving(p.Pipeline, steady(func(f *Facts) bool {
		cycle := f.cycle(p.Pipeline)
		return cycle != nil && cycle.Stage != "" && among(p.Stages, cycle.Stage)
	}))
}

// CycleNumber compares the number of the customer's cycle in the pipeline. It is
// false of customers who have none.
func CycleNumber(pipeline string, op Op, n ...int64) Predicate {
	return cycleNumber{pipeline, is(op, n)}
}

type cycleNumber struct {
	Pipeline string            `json:"pipeline"`
	Is       comparison[int64] `json:"is"`
}

func (cycleNumber) key() string { return "cycle_number" }

func (p cycleNumber) String() string {
	return fmt.Sprintf("number of the cycle of %q is %s", p.Pipeline, p.Is)
}

func (p cycleNumber) compile(c *compiler, path string) eval {
	path += ".cycle_number"
	c.pipeline(p.Pipeline, path+".pipeline")
	if !p.Is.checkAmount(c, path+".is", 0) {
		return unknown
	}
	t := numbers(p.Is.Op, p.Is.Values)
	return steady(func(f *Facts) bool {
		cycle := f.cycle(p.Pipeline)
		return cycle != nil && t.passes(int64(cycle.Number))
	})
}

// Closed is true of customers whose cycle in the pipeline is over for one of the
// reasons; for whichever, where none is given.
func Closed(pipeline string, reasons ...string) Predicate {
	return closed{pipeline, slices.Clone(reasons)}
}

type closed struct {
	Pipeline string   `json:"pipeline"`
	Reasons  []string `json:"reasons,omitzero" doc:"one of these; absent: whichever"`
}

func (closed) key() string { return "closed" }

func (p closed) String() string {
	words := fmt.Sprintf("cycle of %q is closed", p.Pipeline)
	if len(p.Reasons) > 0 {
		words += " for " + list(p.Reasons, "or")
	}
	return words
}

func (p closed) compile(c *compiler, path string) eval {
	path += ".closed"
	c.pipeline(p.Pipeline, path+".pipeline")
	if slices.Contains(p.Reasons, "") {
		c.faults.Add(path+".reasons", "has an empty reason; leave reasons out to take any")
	}
	return c.moving(p.Pipeline, steady(func(f *Facts) bool {
		cycle := f.cycle(p.Pipeline)
		return cycle != nil && !cycle.IsOpen() && (len(p.Reasons) == 0 || slices.Contains(p.Reasons, cycle.Closed))
	}))
}

// moving makes a predicate heed that the clock alone moves the customer on in
// the pipeline. A step tells when that happens; where nobody does, each move is
// a possible flip.
func (c *compiler) moving(pipeline string, e eval) eval {
	if !c.foresee {
		return e
	}
	return timed(func(f *Facts) (bool, int64) {
		truth, until := e.ask(f)
		return truth, min(until, f.nextMove(pipeline))
	})
}

// nextMove returns when the clock alone moves the customer on in the pipeline.
func (f *Facts) nextMove(pipeline string) int64 {
	if f.Place == nil {
		return never
	}
	cycle := f.cycle(pipeline)
	if cycle == nil || cycle.Due.IsZero() {
		return never
	}
	if due := cycle.Due.UnixMicro(); due > f.now {
		return due
	}
	return never
}

// cycle returns the customer's cycle in the pipeline as it stands at f.now, or
// nil.
func (f *Facts) cycle(pipeline string) *customer.Cycle {
	c := customer.FindCycle(f.Cycles, pipeline)
	if c != nil && f.Place != nil {
		c = f.Place(c, instantOf(f.now))
	}
	return c
}

// In is true of the members of another segment.
func In(segment string) Predicate { return in(segment) }

type in string

func (in) key() string      { return "segment" }
func (p in) String() string { return fmt.Sprintf("in segment %q", string(p)) }

func (p in) compile(c *compiler, path string) eval {
	place, ok := c.segment(string(p))
	if !ok {
		c.faults.Add(path+".segment", "%q is not defined; check the ID", string(p))
		return unknown
	}
	c.reads.segment(place)
	return steady(func(f *Facts) bool { return f.members.has(place) })
}
