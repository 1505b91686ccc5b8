package pipeline_test

import (
	"context"
	"fmt"
	"time"

	"github.com/benbjohnson/clock"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store/memory"
)

// Every night, what is older than three months goes, and what a segment can still
// see stays.
func ExampleEngine_Prune() {
	ctx := context.Background()
	clk := clock.NewMock()
	clk.Set(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	eng, err := pipeline.New(pipeline.Config{
		Store: memory.New(), Clock: clk,
		Definitions: pipeline.Definitions{Segments: []segment.Segment{
			{ID: "reviewers", Enter: segment.Activities{Name: "review"}.Count(segment.AtLeast, 3)},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = eng.Apply(ctx,
		customer.Customer{ID: "olga"},
		customer.Activity{ID: "1", Customer: "olga", Name: "page_view", At: clk.Now()},
		customer.Activity{ID: "2", Customer: "olga", Name: "review", At: clk.Now()},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	clk.Add(100 * 24 * time.Hour)
	pruned, err := eng.Prune(ctx, pipeline.Retention{
		Timeline:   customer.Months(3),
		Sent:       customer.Months(3),
		Activities: customer.Months(3),
	}, pipeline.PruneOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("removed %d events, %d deliveries, %d activities\n", pruned.Events, pruned.Deliveries, pruned.Activities)
	for _, k := range pruned.Kept {
		fmt.Printf("%q is kept for segment %q\n", k.Activity, k.Segment)
	}
	// Output:
	// removed 3 events, 0 deliveries, 1 activities
	// "review" is kept for segment "reviewers"
}
