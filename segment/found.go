package segment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// What customers have of what the leaves ask about.

func (p card) has(f *Facts) holding {
	var value string
	if from, ok := attributes[p.Attribute]; ok {
		value = quoted(from.of(f.Customer))
	}
	return holding{value, p.Is.String(), onCard(f)}
}

func (p sourcePart) has(f *Facts) holding {
	return holding{quoted(one(p.of(f))), p.Is.String(), onCard(f)}
}

func (p field) has(f *Facts) holding {
	return holding{written(f.Customer.Fields.Get(p.Name)), p.Is.String(), onCard(f)}
}

func (p empty) has(f *Facts) holding {
	if p.Field != "" {
		return holding{written(f.Customer.Fields.Get(p.Field)), "nothing", onCard(f)}
	}
	return holding{card{Attribute: p.Attribute}.has(f).Value, "nothing", onCard(f)}
}

func (p tagged) has(f *Facts) holding {
	return holding{quoted(f.Customer.Tags), p.asked(), onCard(f)}
}

func (p consent) has(f *Facts) holding {
	return holding{string(p.said(f)), string(p.Is), onCard(f)}
}

func (p customers) has(f *Facts) holding {
	return holding{f.Customer.ID, "listed", onCard(f)}
}

func (p chance) has(f *Facts) holding {
	value := strconv.FormatFloat(p.drawn(f.Customer.ID), 'f', 6, 64)
	return holding{value, fmt.Sprintf("from %v up to %v", p.From, p.To), onCard(f)}
}

func onCard(f *Facts) Fact { return Fact{Kind: "card", ID: f.Customer.ID} }

func quoted(texts []string) string {
	all := make([]string, len(texts))
	for i, s := range texts {
		all[i] = strconv.Quote(s)
	}
	return strings.Join(all, ", ")
}

func (p moment) has(f *Facts) holding {
	at, known := p.Of.Of.at(f)
	if !known {
		return holding{"", p.Is.String(), Fact{}}
	}
	return holding{at.String(), p.Is.String(), p.Of.Of.fact(f)}
}

func (p anniversary) has(f *Facts) holding {
	found := holding{Asked: "the day" + p.around()}
	if at, known := p.Of.Of.at(f); known {
		found.Value, found.By = at.String(), p.Of.Of.fact(f)
	}
	return found
}

// String returns the point as a date, or in RFC 3339.
func (p *point) String() string {
	if !p.day.IsZero() {
		return p.day.String()
	}
	return instantOf(p.at).Format(time.RFC3339Nano)
}

func (p weekday) has(f *Facts) holding {
	return holding{dateOf(f.dayOf(f.now)).Weekday().String(), p.Days.String(), Fact{}}
}

func (p month) has(f *Facts) holding {
	return holding{dateOf(f.dayOf(f.now)).Month.String(), strings.TrimPrefix(p.String(), "in "), Fact{}}
}

func (p purchases) has(f *Facts) holding {
	if p.plain() {
		return p.ofTotals(f)
	}
	w := newWindow(p.when(), p.Measure, Equal, []int64{0})
	return w.found(f, p.Is.String(), strconv.FormatInt, func() { p.gather(f, w) })
}

// ofTotals tells what is kept of all purchases.
func (p *purchases) ofTotals(f *Facts) holding {
	found := holding{Asked: p.Is.String(), By: lastPurchase{}.fact(f)}
	n := int64(f.Totals.Count)
	switch {
	case p.Measure == total:
		n = f.Totals.Total
	case p.Measure == counted:
	case n == 0:
		return found
	case p.Measure == average:
		n = f.Totals.Average()
	default:
		n = f.Totals.Max
	}
	found.Value = strconv.FormatInt(n, 10)
	return found
}

func (p purchaseInterval) has(f *Facts) holding {
	w := newWindow(p.when(), p.Measure, Equal, []int64{0})
	return w.found(f, p.Is.String(), lengthText, func() { p.gather(f, w) })
}

// lengthText writes a length of microseconds as a period.
func lengthText(micros int64, _ int) string {
	days := micros / dayLength
	rest := time.Duration(micros%dayLength) * time.Microsecond
	return customer.Period{Days: int(days), Exact: rest}.String()
}

func (p activities) has(f *Facts) holding {
	w := newWindow(p.when(), counted, Equal, []int64{0})
	return w.found(f, p.Is.String(), strconv.FormatInt, func() { p.gather(f, w) })
}

// found tells what the window holds.
func (w *window) found(f *Facts, asked string, text func(n int64, base int) string, gather func()) holding {
	w.begin(f)
	if f.heap.missing {
		return holding{Asked: asked}
	}
	gather()
	h := &f.heap
	h.tally.reset()
	var newest *inside
	for i := range h.facts {
		h.tally.add(w.measure, &h.facts[i])
		if newest == nil || h.facts[i].at > newest.at {
			newest = &h.facts[i]
		}
	}
	found := holding{Asked: asked}
	if n, ok := h.tally.value(w.measure); ok {
		found.Value = text(n, 10)
	}
	switch {
	case newest == nil:
	case newest.act != nil:
		found.By = activityFact(newest.act)
	default:
		found.By = purchaseFact(newest.bought)
	}
	return found
}

func (p lapsed) has(f *Facts) holding {
	asked := fmt.Sprintf("%v times", p.Times)
	last, median, ok := p.habit(f)
	if !ok {
		return holding{Asked: asked}
	}
	value := fmt.Sprintf("%s since the last, of a median of %s", lengthText(f.now-last, 10), lengthText(median, 10))
	return holding{value, asked, lastPurchase{p.Of}.fact(f)}
}

func (p rfm) has(f *Facts) holding {
	found := holding{Asked: p.Is.String()}
	if f.Totals.Count == 0 {
		return found
	}
	switch {
	case p.Score == byRecency:
		spans := make([]span, len(p.Scale.Recency))
		for i, d := range p.Scale.Recency {
			spans[i] = newSpan(d)
		}
		found.Value = strconv.Itoa(1 + len(endsOf(f, spans)))
	case p.Scale.Within.IsZero():
		found.Value = strconv.FormatInt(p.ofTotals(f), 10)
	default:
		of, w := p.window()
		text := func(n int64, base int) string { return strconv.FormatInt(scored(w.scale, n), base) }
		found = w.found(f, found.Asked, text, func() { of.gather(f, w) })
	}
	found.By = lastPurchase{}.fact(f)
	return found
}

func (p sequence) has(f *Facts) holding {
	within := newScope(when{within: p.Within})
	first, then := p.First.Of.gather(f, nil), p.Then.Of.gather(f, nil)
	first = slices.DeleteFunc(first, func(s spot) bool { return within.until(f, s.at) <= f.now })
	value := fmt.Sprintf("%d of the first, %d of what may follow", len(first), len(then))
	found := holding{value, string(p.Is), Fact{}}
	if len(first) > 0 {
		found.By = p.First.Of.fact(f, first[len(first)-1])
	}
	return found
}

func (h didActivity) fact(f *Facts, s spot) Fact { return activityFact(&f.Activities[s.which]) }
func (h buys) fact(f *Facts, s spot) Fact        { return purchaseFact(&f.Purchases[s.which]) }

func activityFact(a *customer.Activity) Fact { return Fact{"activity", a.ID, a.At} }
func purchaseFact(p *customer.Purchase) Fact { return Fact{"purchase", p.ID, p.At} }

func (p inPipeline) has(f *Facts) holding {
	found := holding{Asked: "a cycle", By: onCycle(f, string(p))}
	if c := f.cycle(string(p)); c != nil {
		found.Value = "cycle " + strconv.Itoa(c.Number)
	}
	return found
}

func (p inStage) has(f *Facts) holding {
	found := holding{Asked: list(p.Stages, "or"), By: onCycle(f, p.Pipeline)}
	if c := f.cycle(p.Pipeline); c != nil {
		found.Value = quoted(one(c.Stage))
	}
	return found
}

func (p cycleNumber) has(f *Facts) holding {
	found := holding{Asked: p.Is.String(), By: onCycle(f, p.Pipeline)}
	if c := f.cycle(p.Pipeline); c != nil {
		found.Value = strconv.Itoa(c.Number)
	}
	return found
}

func (p closed) has(f *Facts) holding {
	found := holding{Asked: "closed", By: onCycle(f, p.Pipeline)}
	if c := f.cycle(p.Pipeline); c != nil && !c.IsOpen() {
		found.Value = quoted(one(c.Closed))
	}
	return found
}

// onCycle names the purchase that opened the customer's cycle.
func onCycle(f *Facts, pipeline string) Fact {
	c := f.cycle(pipeline)
	if c == nil {
		return Fact{}
	}
	return Fact{"cycle", c.Purchase, c.Started}
}

func (created) fact(f *Facts) Fact        { return onCard(f) }
func (dateIn) fact(f *Facts) Fact         { return onCard(f) }
func (s nextPurchase) fact(f *Facts) Fact { return onCycle(f, string(s)) }
func (s cycleStart) fact(f *Facts) Fact   { return onCycle(f, string(s)) }
func (s stageStart) fact(f *Facts) Fact   { return onCycle(f, string(s)) }

func (s firstPurchase) fact(f *Facts) Fact {
	if s.IsZero() {
		return purchaseAt(f, f.Totals.First)
	}
	if i := slices.IndexFunc(f.Purchases, counting(s.Filter)); i >= 0 {
		return purchaseFact(&f.Purchases[i])
	}
	return Fact{}
}

func (s lastPurchase) fact(f *Facts) Fact {
	if s.IsZero() {
		return purchaseAt(f, f.Totals.Last)
	}
	is := counting(s.Filter)
	for _, p := range slices.Backward(f.Purchases) {
		if is(p) {
			return purchaseFact(&p)
		}
	}
	return Fact{}
}

// purchaseAt names the purchase of an instant that is kept of all purchases. It
// may lie beyond the history that was loaded.
func purchaseAt(f *Facts, at time.Time) Fact {
	if at.IsZero() {
		return Fact{}
	}
	for _, p := range slices.Backward(f.Purchases) {
		if p.At.Equal(at) && p.Counts() {
			return purchaseFact(&p)
		}
	}
	return Fact{Kind: "purchase", At: at}
}

func counting(of customer.Filter) func(customer.Purchase) bool {
	return func(p customer.Purchase) bool { return p.Counts() && of.Takes(&p) }
}

func (s firstActivity) fact(f *Facts) Fact {
	is := func(a customer.Activity) bool { return did(&a, s.Name, s.Where) }
	if i := slices.IndexFunc(f.Activities, is); i >= 0 {
		return activityFact(&f.Activities[i])
	}
	return Fact{}
}

func (s lastActivity) fact(f *Facts) Fact {
	for _, a := range slices.Backward(f.Activities) {
		if did(&a, s.Name, s.Where) {
			return activityFact(&a)
		}
	}
	return Fact{}
}
