package pipeline_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
)

// move is one thing that happens in a history: the clock shows now, and an input
// arrives; or, where there is none, somebody ticks.
type move struct {
	now   time.Time
	input customer.Input
}

func (m move) String() string {
	return fmt.Sprintf("%s %T %+v", m.now.Format("2006-01-02 15:04:05.999999"), m.input, m.input)
}

// script draws histories.
type script struct {
	maker
	w         *world
	now       time.Time
	moves     []move
	purchases []customer.Purchase
	late      bool // whether things may become known late
	hands     bool // whether people step in
	short     bool // whether it is over within days
}

func (g maker) script(w *world, n int, change func(*script)) []move {
	s := &script{maker: g, w: w, now: at(pick(g, "begin", begin)), late: true, hands: true}
	change(s)
	s.add(s.card())
	s.play(n)
	return s.moves
}

// play draws so many moves more.
func (s *script) play(n int) {
	for range n {
		s.pass()
		s.move()
	}
}

func (s *script) add(in customer.Input) { s.moves = append(s.moves, move{s.now, in}) }

// pass lets some time pass; none, now and then. Some moves come at the very
// instant at which a day begins, and stages with it.
func (s *script) pass() {
	if !s.short && s.chance("day start", 4) {
		p := pick(s.maker, "pipeline", s.w.pipelines)
		day := customer.DateOf(s.now.In(s.w.zone)).Add(customer.Days(1 + s.n("days", 9)))
		s.now = day.At(p.DayStart, s.w.zone)
		return
	}
	minutes := rapid.OneOf(rapid.Just(0), rapid.IntRange(1, 600), rapid.IntRange(1, 20*24*60)).Draw(s.T, "minutes")
	if s.short {
		minutes %= 180
	}
	s.now = s.now.Add(time.Duration(minutes) * time.Minute)
}

func (s *script) card() customer.Customer {
	c := customer.Customer{ID: "olga", Phones: phones, Source: pick(s.maker, "source", sources)}
	if s.chance("zone of her own", 2) {
		c.Zone = pick(s.maker, "zone", zoneNames)
	}
	if s.chance("dates", 2) {
		d := pick(s.maker, "date", someDays)
		c.Fields = append(c.Fields, customer.Field{Name: "date", Value: customer.DateValue(d.Year, d.Month, d.Day)},
			customer.Field{Name: "instant", Value: customer.Instant(s.now.Add(time.Duration(s.n("in", 40*24)) * time.Hour))})
	}
	return c
}

// when returns when it happened.
func (s *script) when() time.Time {
	if !s.late || !s.chance("late", 4) {
		return s.now
	}
	return s.now.Add(-time.Duration(1+s.n("ago", 3*24*60)) * time.Minute)
}

func (s *script) move() {
	most := 7
	if s.hands {
		most = 14
	}
	by := customer.By{Actor: "anna", Reason: "so"}
	p := pick(s.maker, "pipeline", s.w.pipelines)
	switch n := s.n("move", most); {
	case n < 3:
		s.buy()
	case n < 5:
		s.add(customer.Activity{ID: fmt.Sprint("a", len(s.moves)), Customer: "olga", At: s.when(), Name: pick(s.maker, "action", actions)})
	case n == 5:
		s.refund()
	case n < 8:
		s.moves = append(s.moves, move{now: s.now})
	case n == 8:
		s.add(customer.Refusal{Customer: "olga", Pipeline: pick(s.maker, "in", []string{"", p.ID}), By: by})
	case n == 9:
		s.add(customer.StageMove{Customer: "olga", Pipeline: p.ID, Stage: pick(s.maker, "stage", p.Stages).ID, By: by})
	case n == 10:
		s.add(customer.NextMove{Customer: "olga", Pipeline: p.ID, Next: s.someTime(), By: by})
	case n == 11:
		s.add(customer.Pause{Customer: "olga", Until: s.someTime(), By: by})
	case n == 12:
		s.add(customer.Assignment{Customer: "olga", Manager: pick(s.maker, "manager", managers), By: by})
	default:
		s.edit()
	}
}

// someTime returns a time around now, or none.
func (s *script) someTime() time.Time {
	if s.chance("none", 4) {
		return time.Time{}
	}
	return s.now.Add(time.Duration(s.n("hours", 30*24)-100) * time.Hour)
}

func (s *script) buy() {
	p := customer.Purchase{ID: fmt.Sprint("b", len(s.moves)), Customer: "olga", At: s.when(), Amount: int64(10 * s.n("amount", 5))}
	if s.chance("source", 2) {
		p.Source = pick(s.maker, "source", sources)
	}
	for range s.n("items", 2) {
		c := pick(s.maker, "category", categories)
		p.Items = append(p.Items, customer.Item{Category: c, SKU: c + "-1", Amount: int64(s.n("item", 30))})
	}
	if s.chance("next", 5) {
		p.Next = p.At.Add(time.Duration(1+s.n("hours", 30*24)) * time.Hour)
	}
	s.purchases = append(s.purchases, p)
	s.add(p)
}

func (s *script) refund() {
	if len(s.purchases) == 0 {
		return
	}
	p := pick(s.maker, "purchase", s.purchases)
	amount := int64(0)
	if s.chance("partial", 2) {
		amount = min(p.Amount, 10)
	}
	s.add(customer.Refund{ID: fmt.Sprint("r", len(s.moves)), Customer: "olga", Purchase: p.ID, At: s.when(), Amount: amount})
}

func (s *script) edit() {
	by := customer.By{Actor: "anna", Reason: "so"}
	tag, zone, n := pick(s.maker, "tag", tags), pick(s.maker, "zone", zoneNames), s.n("what", 4)
	id, cadence, day := pick(s.maker, "pipeline", s.w.pipelines).ID, s.cadence("own"), pick(s.maker, "day", someDays)
	s.add(customer.Edit{Customer: "olga", By: by, Change: func(c *customer.Customer) {
		switch n {
		case 0:
			c.Tags = []string{tag}
		case 1:
			c.Zone = zone
		case 2:
			c.Cadences = []customer.PipelineCadence{{Pipeline: id, Cadence: cadence}}
		case 3:
			c.Fields = c.Fields.With("date", customer.DateValue(day.Year, day.Month, day.Day)).With("f", customer.Number(2))
		case 4:
			c.Consents = []customer.Consent{{Channel: "sms"}}
		}
	}})
}
