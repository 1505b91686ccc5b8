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

// bakery returns an engine on a fake clock, with three customers of whom two
// bought in March.
func bakery(ctx context.Context) (*pipeline.Engine, *clock.Mock, error) {
	clk := clock.NewMock()
	clk.Set(time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC))
	eng, err := pipeline.New(pipeline.Config{
		Store: memory.New(), Clock: clk,
		Definitions: pipeline.Definitions{Segments: []segment.Segment{
			{ID: "active", Enter: segment.PurchasedWithin(customer.Days(14))},
		}},
	})
	if err != nil {
		return nil, nil, err
	}
	return eng, clk, eng.Apply(ctx,
		customer.Customer{ID: "ann"}, customer.Customer{ID: "olga"}, customer.Customer{ID: "wei"},
		customer.Purchase{ID: "1", Customer: "olga", At: clk.Now(), Amount: 120_00},
		customer.Purchase{ID: "2", Customer: "wei", At: clk.Now(), Amount: 4_50},
	)
}

// Which segments somebody was in at an instant of the past.
func ExampleEngine_At() {
	ctx := context.Background()
	eng, clk, err := bakery(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	clk.Add(60 * 24 * time.Hour)
	if _, err := eng.Tick(ctx); err != nil {
		fmt.Println(err)
	}
	for _, day := range []int{10, 20} {
		members, err := eng.At(ctx, "olga", time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC))
		if err != nil {
			fmt.Println(err)
		}
		fmt.Printf("%d March: %d\n", day, len(members))
		for _, m := range members {
			fmt.Println(m.Segment, "since", m.Since.Format("2 January 15:04"))
		}
	}
	// Output:
	// 10 March: 1
	// active since 3 March 12:00
	// 20 March: 0
}

// Who would be in a segment that is not live yet.
func ExampleEngine_Preview() {
	ctx := context.Background()
	eng, clk, err := bakery(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	clk.Add(20 * 24 * time.Hour)
	p, err := eng.Preview(ctx, segment.Segment{
		ID:    "sleeping beauties",
		Enter: segment.All(segment.Spent(segment.AtLeast, 100_00), segment.Not(segment.In("active"))),
	}, pipeline.PreviewOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d, such as %v\n", p.Count, p.Scanned, p.Sample)
	// Output:
	// 1 of 3, such as [olga]
}
