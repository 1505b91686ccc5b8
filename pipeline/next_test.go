package pipeline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
)

// everySource is a pipeline that knows a next date from each source it can.
func everySource(p *pipeline.Pipeline) {
	p.Items = []pipeline.ItemCadence{
		{Of: customer.Filter{Categories: []string{"gel"}}, Cadence: pipeline.Every(customer.Days(40))},
		{Of: customer.Filter{SKUs: []string{"gel-1"}}, Cadence: pipeline.Every(customer.Days(50))},
	}
	p.LearnAfter = 2
}

func ownCadence(c customer.Cadence) customer.Edit {
	return customer.Edit{Customer: "olga", Change: func(card *customer.Customer) {
		card.Cadences = []customer.PipelineCadence{{Pipeline: "nails", Cadence: c}}
	}}
}

func TestNextDateComesFromTheFirstSourceThatHasOne(t *testing.T) {
	t.Parallel()
	explicit := func(p *customer.Purchase) { p.Next = at("2026-04-01 18:00") }
	gel := category("gel")
	habit := []string{"2026-02-20 10:00", "2026-02-10 10:00"} // and then 03-02: every 10 days
	for name, c := range map[string]struct {
		own      bool
		earlier  []string
		change   []func(*customer.Purchase)
		pipeline func(*pipeline.Pipeline)
		want     string
		by       customer.NextBy
	}{
		"explicit":            {true, habit, []func(*customer.Purchase){explicit, gel}, everySource, "2026-04-01 09:00", customer.ByPurchase},
		"customer's own":      {true, habit, []func(*customer.Purchase){gel}, everySource, "2026-03-09 09:00", customer.ByCustomer},
		"first item rule":     {false, habit, []func(*customer.Purchase){gel}, everySource, "2026-04-11 09:00", customer.ByItem},
		"habit":               {false, habit, nil, everySource, "2026-03-12 09:00", customer.ByHabit},
		"habit not yet known": {false, habit[:1], nil, everySource, "2026-03-23 09:00", customer.ByPipeline},
		"pipeline":            {false, nil, nil, nil, "2026-03-23 09:00", customer.ByPipeline},
		"nothing":             {false, nil, nil, func(p *pipeline.Pipeline) { p.Cadence = customer.Cadence{} }, "", customer.ByNothing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails(func(p *pipeline.Pipeline) {
				if c.pipeline != nil {
					c.pipeline(p)
				}
			})))
			if c.own {
				s.must(ownCadence(pipeline.Every(customer.Weeks(1))))
			}
			for i, when := range c.earlier {
				s.must(bought(string(rune('a'+i)), at(when)))
			}
			s.buys("z", c.change...)
			got := s.cycle("nails")
			var want time.Time
			if c.want != "" {
				want = at(c.want)
			}
			assert.Equal(t, want, got.Next)
			assert.Equal(t, c.by, got.NextBy)
		})
	}
}

func TestNoNextDateMeansTheStagesAroundItDoNotCome(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(func(p *pipeline.Pipeline) { p.Cadence = customer.Cadence{} })))
	s.buys("a")
	s.tick(at("2030-01-01 00:00"))
	assert.Equal(t, "waiting", s.stage())
	assert.True(t, s.record().Wake.IsZero(), "nothing is left to come")
}

func TestHabitIsTheMedianOfTheNewestIntervals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		days []int // after 2025-01-01
		want int
	}{
		"odd":                 {[]int{0, 10, 12, 40}, 10},
		"even, rounded up":    {[]int{0, 10, 23}, 12},
		"one day is a visit":  {[]int{0, 0, 10, 10, 20}, 10},
		"beyond the newest24": {append([]int{0, 100, 200}, upTo(200, 24, 3)...), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails(func(p *pipeline.Pipeline) { p.LearnAfter = 2 })))
			start := at("2025-01-01 12:00")
			for i, d := range c.days {
				s.must(bought(string(rune('a'+i)), start.AddDate(0, 0, d).Add(time.Duration(i)*time.Minute)))
			}
			got := s.cycle("nails")
			assert.Equal(t, customer.ByHabit, got.NextBy)
			last := start.AddDate(0, 0, c.days[len(c.days)-1])
			assert.Equal(t, last.AddDate(0, 0, c.want).Add(-3*time.Hour), got.Next)
		})
	}
}

func upTo(from, n, step int) []int {
	var days []int
	for i := range n {
		days = append(days, from+(i+1)*step)
	}
	return days
}

func TestCadences(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cadence   customer.Cadence
		zone      string
		when      string // in the zone
		want      string // in the zone
		daysStart customer.TimeOfDay
	}{
		"saturday from monday":      {pipeline.EveryWeekday(time.Saturday), "UTC", "2026-03-02 10:00", "2026-03-07 09:00", customer.Clock(9, 0)},
		"saturday from saturday":    {pipeline.EveryWeekday(time.Saturday), "UTC", "2026-02-28 00:10", "2026-03-07 09:00", customer.Clock(9, 0)},
		"the nearer of two":         {pipeline.EveryWeekday(time.Saturday, time.Tuesday), "UTC", "2026-03-01 10:00", "2026-03-03 00:00", customer.Clock(0, 0)},
		"friday where it is friday": {pipeline.EveryWeekday(time.Friday), "Asia/Tokyo", "2026-02-27 02:00", "2026-03-06 09:00", customer.Clock(9, 0)},
		"a month from 31 January":   {pipeline.Every(customer.Months(1)), "UTC", "2026-01-31 10:00", "2026-02-28 09:00", customer.Clock(9, 0)},
		"exact hours keep the time": {pipeline.Every(customer.Hours(48)), "Europe/Berlin", "2026-02-27 10:30", "2026-03-01 10:30", customer.Clock(9, 0)},
		"mixed":                     {pipeline.Every(customer.Period{Days: 2, Exact: 90 * time.Minute}), "UTC", "2026-02-27 10:30", "2026-03-01 10:30", customer.Clock(9, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails(func(p *pipeline.Pipeline) { p.Cadence, p.DayStart = c.cadence, c.daysStart })), inZone(c.zone))
			s.must(bought("a", in(c.zone, c.when)))
			assert.Equal(t, in(c.zone, c.want), s.cycle("nails").Next)
		})
	}
}

func TestLeapDayYearlyCadenceIsClamped(t *testing.T) {
	t.Parallel()
	s := setup(t, of(oneStage("p", func(p *pipeline.Pipeline) { p.Cadence = pipeline.Every(customer.Years(1)) })))
	s.must(bought("a", at("2024-02-29 12:00")))
	assert.Equal(t, at("2025-02-28 00:00"), s.cycle("p").Next)
}

func TestPipelinesTakeThePurchasesOfTheirFilter(t *testing.T) {
	t.Parallel()
	takes := func(f customer.Filter) func(*pipeline.Pipeline) {
		return func(p *pipeline.Pipeline) { p.Takes = f }
	}
	d := pipeline.Definitions{Pipelines: []pipeline.Pipeline{
		oneStage("all"),
		oneStage("cakes", takes(customer.Filter{Categories: []string{"cake"}})),
		oneStage("sku", takes(customer.Filter{SKUs: []string{"tea-1"}})),
		oneStage("web", takes(customer.Filter{Sources: []string{"web"}})),
		oneStage("big", takes(customer.Filter{MinAmount: 100_00})),
		oneStage("big web cakes", takes(customer.Filter{Categories: []string{"cake"}, Sources: []string{"web"}, MinAmount: 100_00})),
	}}
	for name, c := range map[string]struct {
		purchase customer.Purchase
		want     []string
	}{
		"bare": {customer.Purchase{Amount: 1}, []string{"all"}},
		"cake": {customer.Purchase{Amount: 1, Items: []customer.Item{{Category: "cake"}}}, []string{"all", "cakes"}},
		"tea":  {customer.Purchase{Amount: 1, Items: []customer.Item{{SKU: "tea-1"}, {Category: "milk"}}}, []string{"all", "sku"}},
		"web":  {customer.Purchase{Amount: 100_00, Source: "web"}, []string{"all", "big", "web"}},
		"all of it": {
			customer.Purchase{Amount: 100_00, Source: "web", Items: []customer.Item{{Category: "cake", SKU: "tea-1"}}},
			[]string{"all", "big", "big web cakes", "cakes", "sku", "web"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, d)
			c.purchase.ID, c.purchase.Customer, c.purchase.At = "a", "olga", opening
			s.must(c.purchase)
			var got []string
			for _, cycle := range s.record().Cycles {
				got = append(got, cycle.Pipeline)
				assert.Equal(t, 1, cycle.Number)
			}
			assert.Equal(t, c.want, got)
		})
	}
}
