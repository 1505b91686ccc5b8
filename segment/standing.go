package segment

import (
	"fmt"

	"github.com/regulars-go/regulars/customer"
)

// InStage is true of customers who are in the stage of the pipeline.
func InStage(pipeline, stage string) Predicate { return inStage{pipeline, stage} }

type inStage struct{ pipeline, stage string }

func (s inStage) String() string { return fmt.Sprintf("in stage %q of %q", s.stage, s.pipeline) }

func (s inStage) compile(c *compiler, path string) eval {
	if c.names.HasStage == nil || !c.names.HasStage(s.pipeline, s.stage) {
		c.faults.Add(path, "%s: there is no such stage; check pipeline and stage IDs", s)
	}
	c.reads.stages = true
	return steady(func(f *Facts) bool {
		cycle := customer.FindCycle(f.Cycles, s.pipeline)
		return cycle != nil && cycle.Stage == s.stage
	})
}

// In is true of the members of another segment.
func In(segment string) Predicate { return in{segment} }

type in struct{ segment string }

func (s in) String() string { return fmt.Sprintf("in segment %q", s.segment) }

func (s in) compile(c *compiler, path string) eval {
	i, ok := c.segment(s.segment)
	if !ok {
		c.faults.Add(path, "%s: there is no such segment; check its ID", s)
		return unknown
	}
	c.reads.segment(i)
	return steady(func(f *Facts) bool { return f.members.has(i) })
}
