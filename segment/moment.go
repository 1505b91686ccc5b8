package segment

import (
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Moment is an instant in a customer's life, such as their last purchase, that
// predicates ask about by its methods. A customer need not have had it; every
// predicate but Known(false) is false then.
//
// A date in a field of the card, which has no zone, stands for its midnight in
// the customer's zone. A calendar period is added to an instant, or taken from
// it, in that zone as well.
type Moment struct {
	Of source `document:"self"`
}

// Created is when the customer became known: Since of the card.
func Created() Moment { return Moment{created{}} }

// FirstPurchase is when the customer first bought something that is not wholly
// refunded.
func FirstPurchase() Moment { return FirstPurchaseOf(customer.Filter{}) }

// LastPurchase is when the customer last bought something that is not wholly
// refunded.
func LastPurchase() Moment { return LastPurchaseOf(customer.Filter{}) }

// FirstPurchaseOf is when the customer first bought something that the filter
// takes.
func FirstPurchaseOf(of customer.Filter) Moment { return Moment{firstPurchase{of.Clone()}} }

// LastPurchaseOf is when the customer last bought something that the filter
// takes. That one alone counts: at the end of a month, an earlier purchase may be
// within a month longer than the last one.
func LastPurchaseOf(of customer.Filter) Moment { return Moment{lastPurchase{of.Clone()}} }

// FirstActivity is when the customer first did that, with such properties.
func FirstActivity(name string, where ...Property) Moment {
	return Moment{firstActivity{newFactName(name, where)}}
}

// LastActivity is when the customer last did that, with such properties.
func LastActivity(name string, where ...Property) Moment {
	return Moment{lastActivity{newFactName(name, where)}}
}

// DateIn is the date or instant in a custom field of the card. A field with
// anything else in it holds none.
func DateIn(field string) Moment { return Moment{dateIn(field)} }

// NextPurchase is when the next purchase in the pipeline is expected; a cycle
// that is closed expects none.
func NextPurchase(pipeline string) Moment { return Moment{nextPurchase(pipeline)} }

// CycleStart is when the customer's cycle in the pipeline, open or closed, began.
func CycleStart(pipeline string) Moment { return Moment{cycleStart(pipeline)} }

// StageStart is when the customer came into the stage of the pipeline in which
// they are; a cycle that was refused is in none.
func StageStart(pipeline string) Moment { return Moment{stageStart(pipeline)} }

// Within is true from the moment on, until d has passed.
func (m Moment) Within(d customer.Period) Predicate { return moment{m, within{d}} }

// Ago is true once d has passed since the moment.
func (m Moment) Ago(d customer.Period) Predicate { return moment{m, ago{d}} }

// Ahead is true from d before the moment on, until it comes.
func (m Moment) Ahead(d customer.Period) Predicate { return moment{m, ahead{d}} }

// Before is true of moments before the day, in the customer's zone.
func (m Moment) Before(day customer.Date) Predicate { return moment{m, before{day}} }

// From is true of moments on the day, in the customer's zone, or later.
func (m Moment) From(day customer.Date) Predicate { return moment{m, from{day}} }

// Between is true of moments on the day from, in the customer's zone, or later,
// but before the day to.
func (m Moment) Between(from, to customer.Date) Predicate { return moment{m, between{from, to}} }

// Known is true of customers who have, or else have not, had the moment.
func (m Moment) Known(known bool) Predicate { return moment{m, isKnown(known)} }

// PurchasedWithin is true while the last purchase is less than d ago.
func PurchasedWithin(d customer.Period) Predicate { return LastPurchase().Within(d) }

// NoPurchaseFor is true from d after the last purchase on. It is false of
// customers who never bought; Not(PurchasedWithin(d)) is true of them as well.
func NoPurchaseFor(d customer.Period) Predicate { return LastPurchase().Ago(d) }

// moment compares a Moment with the present, or with days of the calendar.
type moment struct {
	Of Moment   `json:"of"`
	Is question `json:"is"`
}

func (moment) key() string      { return "moment" }
func (p moment) String() string { return fmt.Sprintf("%v %v", p.Of.Of, p.Is) }

func (p moment) compile(c *compiler, path string) eval {
	path += ".moment"
	if p.Of.Of == nil || p.Is == nil {
		c.faults.Add(path, "names no moment, or does not say what is asked of it; build it as in LastPurchase().Within(d)")
		return unknown
	}
	p.Of.Of.check(c, path+".of", p.Is)
	p.Is.check(c, path+".is")
	if compiled, ok := p.simple(); ok {
		return compiled
	}
	return c.onMoment(p.Of, p.whole())
}

func (p *moment) whole() eval {
	ask, of := p.Is.ask(), p.Of.Of
	if p.Is.relative() {
		return timed(func(f *Facts) (bool, int64) {
			at, known := of.at(f)
			return ask(f, at, known)
		})
	}
	return steady(func(f *Facts) bool {
		at, known := of.at(f)
		truth, _ := ask(f, at, known)
		return truth
	})
}

// onMoment makes a predicate heed that the moment may move with a cycle.
func (c *compiler) onMoment(m Moment, e eval) eval {
	if pipeline, onCycle := m.Of.cycleOf(); onCycle {
		return c.moving(pipeline, e)
	}
	return e
}

// simple compiles what is asked most: how long ago the last purchase was.
func (p *moment) simple() (eval, bool) {
	last, ok := p.Of.Of.(lastPurchase)
	if !ok || !last.IsZero() {
		return eval{}, false
	}
	var d span
	var inside bool
	switch is := p.Is.(type) {
	case within:
		d, inside = newSpan(is.D), true
	case ago:
		d = newSpan(is.D)
	default:
		return eval{}, false
	}
	return timed(func(f *Facts) (bool, int64) {
		if f.Totals.Count == 0 {
			return false, never
		}
		end := d.after(f, f.Totals.Last.UnixMicro())
		if f.now < end {
			return inside, end
		}
		return !inside, never
	}), true
}

// point is an instant; of a date, the midnight in the customer's zone.
type point struct {
	at  int64
	day customer.Date // where it is a date
}

// after returns the point plus a span. The span moves a date, not its midnight,
// which on some days does not exist.
func (p *point) after(f *Facts, d *span) int64 {
	if p.day.IsZero() {
		return d.after(f, p.at)
	}
	return p.day.Add(d.period).At(customer.TimeOfDay{}, f.Zone).Add(d.period.Exact).UnixMicro()
}

func (p *point) before(f *Facts, d *span) int64 {
	if p.day.IsZero() {
		return d.before(f, p.at)
	}
	return p.day.Sub(d.period).At(customer.TimeOfDay{}, f.Zone).Add(-d.period.Exact).UnixMicro()
}

// question is what is asked of a moment.
type question interface {
	String() string
	key() string
	check(c *compiler, path string)
	relative() bool // to the present
	ask() func(f *Facts, p point, known bool) (bool, int64)
}

// tests are the cases of question.
var tests = []question{within{}, ago{}, ahead{}, before{}, from{}, between{}, isKnown(true)}

type (
	within struct {
		D customer.Period `document:"self"`
	}
	ago struct {
		D customer.Period `document:"self"`
	}
	ahead struct {
		D customer.Period `document:"self"`
	}
	before struct {
		Day customer.Date `document:"self"`
	}
	from struct {
		Day customer.Date `document:"self"`
	}
	between struct {
		From customer.Date `json:"from"`
		To   customer.Date `json:"to"`
	}
	isKnown bool
)

func (within) key() string  { return "within" }
func (ago) key() string     { return "ago" }
func (ahead) key() string   { return "ahead" }
func (before) key() string  { return "before" }
func (from) key() string    { return "from" }
func (between) key() string { return "between" }
func (isKnown) key() string { return "known" }

func (t within) String() string  { return fmt.Sprintf("within the last %s", t.D) }
func (t ago) String() string     { return fmt.Sprintf("at least %s ago", t.D) }
func (t ahead) String() string   { return fmt.Sprintf("within the next %s", t.D) }
func (t before) String() string  { return fmt.Sprintf("before %s", t.Day) }
func (t from) String() string    { return fmt.Sprintf("on %s or later", t.Day) }
func (t between) String() string { return fmt.Sprintf("from %s on and before %s", t.From, t.To) }

func (t isKnown) String() string {
	if t {
		return "is known"
	}
	return "is not known"
}

func (within) relative() bool  { return true }
func (ago) relative() bool     { return true }
func (ahead) relative() bool   { return true }
func (before) relative() bool  { return false }
func (from) relative() bool    { return false }
func (between) relative() bool { return false }
func (isKnown) relative() bool { return false }

func (t within) check(c *compiler, path string) { c.elapses(t.D, path+".within") }
func (t ago) check(c *compiler, path string)    { c.elapses(t.D, path+".ago") }
func (t ahead) check(c *compiler, path string)  { c.elapses(t.D, path+".ahead") }
func (t before) check(c *compiler, path string) { c.day(t.Day, path+".before") }
func (t from) check(c *compiler, path string)   { c.day(t.Day, path+".from") }
func (isKnown) check(*compiler, string)         {}

func (t between) check(c *compiler, path string) {
	path += ".between"
	c.day(t.From, path+".from")
	c.day(t.To, path+".to")
	c.days(t.From, t.To, path)
}

func (t within) ask() func(*Facts, point, bool) (bool, int64) {
	d := newSpan(t.D)
	return func(f *Facts, p point, known bool) (bool, int64) {
		if !known {
			return false, never
		}
		return fromUntil(f.now, p.at, p.after(f, &d))
	}
}

func (t ago) ask() func(*Facts, point, bool) (bool, int64) {
	d := newSpan(t.D)
	return func(f *Facts, p point, known bool) (bool, int64) {
		if !known {
			return false, never
		}
		return fromUntil(f.now, p.after(f, &d), never)
	}
}

func (t ahead) ask() func(*Facts, point, bool) (bool, int64) {
	d := newSpan(t.D)
	return func(f *Facts, p point, known bool) (bool, int64) {
		if !known {
			return false, never
		}
		return fromUntil(f.now, p.before(f, &d), p.at)
	}
}

// fromUntil is true of what lies between two instants, the second excluded.
func fromUntil(now, from, to int64) (bool, int64) {
	switch {
	case from >= to || now >= to:
		return false, never
	case now < from:
		return false, from
	}
	return true, to
}

func (t before) ask() func(*Facts, point, bool) (bool, int64) {
	day := midnight(t.Day)
	return func(f *Facts, p point, known bool) (bool, int64) {
		return known && p.at < f.dayStart(day), never
	}
}

func (t from) ask() func(*Facts, point, bool) (bool, int64) {
	day := midnight(t.Day)
	return func(f *Facts, p point, known bool) (bool, int64) {
		return known && p.at >= f.dayStart(day), never
	}
}

func (t between) ask() func(*Facts, point, bool) (bool, int64) {
	first, end := midnight(t.From), midnight(t.To)
	return func(f *Facts, p point, known bool) (bool, int64) {
		return known && p.at >= f.dayStart(first) && p.at < f.dayStart(end), never
	}
}

func (t isKnown) ask() func(*Facts, point, bool) (bool, int64) {
	return func(_ *Facts, _ point, known bool) (bool, int64) { return known == bool(t), never }
}

// instantOf returns an instant as people read it.
func instantOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// flipOf returns the instant of a flip; zero where there is none before the year
// 10000, which nothing can store.
func flipOf(micros int64) time.Time {
	if micros >= endOfTime {
		return time.Time{}
	}
	return instantOf(micros)
}

var endOfTime = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
