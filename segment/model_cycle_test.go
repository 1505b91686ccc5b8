package segment_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// plan is a cycle with the stages that the clock will bring.
type plan struct {
	cycle  customer.Cycle // apart from where it stands
	starts []stageStart   // in order
}

type stageStart struct {
	at            time.Time
	stage, closed string
}

// at returns the cycle as it stands at an instant.
func (p *plan) at(now time.Time) customer.Cycle {
	c := p.cycle
	for _, s := range p.starts {
		if s.at.After(now) {
			c.Due = s.at
			break
		}
		c.Stage, c.Entered, c.Closed = s.stage, s.at, s.closed
	}
	return c
}

// place is Facts.Place of the world.
func (w *world) place(c *customer.Cycle, at time.Time) *customer.Cycle {
	return w.cycle(c.Pipeline, at)
}

// cycle returns the cycle in a pipeline as it stands at an instant, or nil.
func (w *world) cycle(pipeline string, at time.Time) *customer.Cycle {
	for i := range w.plans {
		if w.plans[i].cycle.Pipeline == pipeline {
			c := w.plans[i].at(at)
			return &c
		}
	}
	return nil
}

// starts returns when the stages of the pipeline begin.
func (w *world) starts(pipeline string) []time.Time {
	var all []time.Time
	for i := range w.plans {
		if w.plans[i].cycle.Pipeline == pipeline {
			for _, s := range w.plans[i].starts {
				all = append(all, s.at)
			}
		}
	}
	return all
}

// onCycle is a leaf that asks about the cycle in a pipeline.
func onCycle(pipeline string, of segment.Predicate, truth func(c *customer.Cycle) bool) rule {
	return leaf{
		of: of,
		truth: func(w *world, now time.Time) bool {
			c := w.cycle(pipeline, now)
			return c != nil && truth(c)
		},
		flips: func(w *world, _, _ time.Time) []time.Time { return w.starts(pipeline) },
	}
}

var (
	anyPipeline = rapid.SampledFrom([]string{"p", "q"})
	anyStageID  = rapid.SampledFrom([]string{"s1", "s2", "s3"})
	anyReason   = rapid.SampledFrom([]string{"lost", "refused"})
)

func drawInPipeline(t *rapid.T) rule {
	p := anyPipeline.Draw(t, "pipeline")
	return onCycle(p, segment.InPipeline(p), func(*customer.Cycle) bool { return true })
}

func drawInStage(t *rapid.T) rule {
	p := anyPipeline.Draw(t, "pipeline")
	stages := rapid.SliceOfN(anyStageID, 1, 2).Draw(t, "stages")
	return onCycle(p, segment.InStage(p, stages...), func(c *customer.Cycle) bool {
		return slices.Contains(stages, c.Stage)
	})
}

func drawCycleNumber(t *rapid.T) rule {
	p := anyPipeline.Draw(t, "pipeline")
	op, n := drawNumbers(t, 0, 4)
	return onCycle(p, segment.CycleNumber(p, op, n...), func(c *customer.Cycle) bool {
		return passes(int64(c.Number), op, n)
	})
}

func drawClosed(t *rapid.T) rule {
	p := anyPipeline.Draw(t, "pipeline")
	reasons := rapid.SliceOfN(anyReason, 0, 2).Draw(t, "reasons")
	return onCycle(p, segment.Closed(p, reasons...), func(c *customer.Cycle) bool {
		return c.Closed != "" && (len(reasons) == 0 || slices.Contains(reasons, c.Closed))
	})
}

// drawPlan draws a cycle that began by now.
func drawPlan(t *rapid.T, pipeline string, now time.Time) plan {
	started := drawInstant(t, now)
	p := plan{cycle: customer.Cycle{
		Pipeline: pipeline, Number: rapid.IntRange(1, 3).Draw(t, "number"), Purchase: "p0", Started: started,
	}}
	if rapid.IntRange(0, 3).Draw(t, "no next") > 0 {
		p.cycle.Next = started.Add(time.Duration(rapid.IntRange(1, 24*90).Draw(t, "next")) * time.Hour)
	}
	at := started
	for range rapid.IntRange(0, 4).Draw(t, "stages") {
		s := stageStart{at: at, stage: anyStageID.Draw(t, "stage")}
		if rapid.IntRange(0, 3).Draw(t, "closes") == 0 {
			s.closed = anyReason.Draw(t, "reason")
			if rapid.Bool().Draw(t, "no stage") {
				s.stage = ""
			}
		}
		p.starts = append(p.starts, s)
		at = at.Add(time.Duration(rapid.IntRange(1, 24*40).Draw(t, "until next")) * time.Hour)
	}
	return p
}

func (w *world) drawPlans(t *rapid.T, now time.Time) {
	for _, pipeline := range []string{"p", "q"} {
		if rapid.Bool().Draw(t, "has cycle") {
			w.plans = append(w.plans, drawPlan(t, pipeline, now))
		}
	}
}
