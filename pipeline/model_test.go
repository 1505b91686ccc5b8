package pipeline_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
)

// model is the rules of the engine written down a second time, as plainly as
// they can be: it keeps everything that is known of one customer, and whenever
// it is asked how things stand at an instant it reckons all of that from the
// first purchase on. It shares no code with the step function or with compiled
// predicates; of customer it uses the calendar.
type model struct {
	defs     world
	lateness time.Duration

	// What is known.
	card       customer.Customer
	purchases  []customer.Purchase // by time and ID, with their refunds
	activities []customer.Activity
	hands      map[string]hand // by pipeline
	paused     time.Time
	quiet      time.Time

	// What was told of it so far.
	told    map[string]customer.Cycle // by pipeline
	members map[string]time.Time      // segment to since when
	fired   map[string]count          // by trigger
	reached map[string]int            // by pipeline: one more than the place of the furthest stage that was answered
	runs    []run
	events  []customer.Event
	sent    []string // deliveries, as "ID at time"

	at        time.Time // the instant at work
	known     time.Time
	still     bool  // no trigger starts
	redefined bool  // what moves does so because the definitions changed
	muted     []int // events that nothing answers
	crawls    bool  // whether it looks at every minute instead
	changes   int   // how often anything changed
}

// hand is what people decided in one cycle.
type hand struct {
	purchase  string // that opened the cycle
	stage     string
	stageAt   time.Time
	next      time.Time
	nextAt    time.Time
	refused   string
	refusedAt time.Time
	refusedIn string
}

type count struct {
	n     int
	cycle string
}

type run struct {
	id    string
	of    *trig              // as it was when the run began
	in    *pipeline.Pipeline // the one that the trigger is about, likewise
	step  int
	due   time.Time
	cause customer.Event
}

func newModel(w world, lateness time.Duration) *model {
	return &model{
		defs: w, lateness: lateness, hands: make(map[string]hand), told: make(map[string]customer.Cycle),
		members: make(map[string]time.Time), fired: make(map[string]count), reached: make(map[string]int),
	}
}

// clone returns a model that goes its own way.
func (m *model) clone() *model {
	c := *m
	c.purchases, c.activities, c.runs = slices.Clone(m.purchases), slices.Clone(m.activities), slices.Clone(m.runs)
	c.hands, c.told, c.members, c.fired = maps.Clone(m.hands), maps.Clone(m.told), maps.Clone(m.members), maps.Clone(m.fired)
	c.reached, c.muted = maps.Clone(m.reached), slices.Clone(m.muted)
	c.events, c.sent = slices.Clone(m.events), slices.Clone(m.sent)
	return &c
}

func (m *model) loc() *time.Location {
	if m.card.Zone != "" {
		return zoneOf(m.card.Zone)
	}
	return m.defs.zone
}

func (m *model) emit(e customer.Event) {
	if e.At.IsZero() {
		e.At = m.at
	}
	e.Known = m.known
	m.events = append(m.events, e)
	m.changes++
}

// advance lets time pass up to an instant: at every instant at which anything
// could change, and a microsecond around it, it looks whether something did. It
// stops behind the first change if it is told to.
func (m *model) advance(to time.Time, stopAtChange bool) bool {
	for {
		before := m.changes
		for _, t := range m.instants(m.at, to) {
			if m.wake(t); m.changes != before {
				break
			}
		}
		if m.changes == before || stopAtChange {
			return m.changes != before
		}
	}
}

// pass lets time pass.
func (m *model) pass(to time.Time) {
	if !m.crawls {
		m.advance(to, false)
		return
	}
	for t := m.at.Truncate(time.Minute).Add(time.Minute); !t.After(to) && m.card.ID != ""; t = t.Add(time.Minute) {
		m.wake(t)
	}
}

func (m *model) wake(t time.Time) {
	m.settle(t, t, !m.quiet.IsZero() && !t.After(m.quiet), m.datesDue)
}

// settle does what happens at an instant and all that follows from it.
func (m *model) settle(t, known time.Time, quiet bool, happen func()) {
	m.at, m.known, m.still = t, known, quiet
	cursor := len(m.events)
	happen()
	for {
		before := m.changes
		m.tellStages()
		m.tellSegments()
		if quiet {
			cursor = len(m.events)
		}
		for ; cursor < len(m.events); cursor++ {
			if !slices.Contains(m.muted, cursor) {
				m.answer(m.events[cursor])
			}
		}
		m.resume()
		if m.changes == before {
			return
		}
	}
}

// instants returns when anything could change by itself after one instant and
// up to another.
func (m *model) instants(after, to time.Time) []time.Time {
	var list []time.Time
	add := func(t time.Time) {
		if t.IsZero() {
			return
		}
		for _, d := range []time.Duration{-time.Microsecond, 0, time.Microsecond} {
			if x := t.Add(d); x.After(after) && !x.After(to) {
				list = append(list, x)
			}
		}
	}
	for i := range m.defs.pipelines {
		p := &m.defs.pipelines[i]
		if c, ok := m.cycle(p); ok {
			for _, s := range p.Stages {
				add(m.begins(p, s.From, &c))
			}
		}
	}
	for _, s := range m.defs.segments {
		for _, d := range s.windows() {
			for i := range m.purchases {
				add(d.After(m.purchases[i].At, m.loc()))
			}
			for i := range m.activities {
				add(d.After(m.activities[i].At, m.loc()))
			}
		}
	}
	for i := range m.defs.triggers {
		for _, t := range m.dates(&m.defs.triggers[i]) {
			add(t)
		}
	}
	for _, r := range m.runs {
		add(m.due(r))
	}
	slices.SortFunc(list, time.Time.Compare)
	return slices.Compact(list)
}

// ---- Cycles.

// takes reports whether a filter takes a purchase.
func takes(f customer.Filter, p *customer.Purchase) bool {
	if p.Amount < f.MinAmount || (len(f.Sources) > 0 && !slices.Contains(f.Sources, p.Source)) {
		return false
	}
	return f.Categories == nil && f.SKUs == nil || slices.ContainsFunc(p.Items, func(i customer.Item) bool { return takesItem(f, i) })
}

func takesItem(f customer.Filter, i customer.Item) bool {
	return (f.Categories == nil || slices.Contains(f.Categories, i.Category)) && (f.SKUs == nil || slices.Contains(f.SKUs, i.SKU))
}

// net returns what is left of a purchase, and whether it counts.
func net(p *customer.Purchase) (left int64, counts bool) {
	left = p.Amount
	for _, r := range p.Refunds {
		left -= r.Amount
	}
	return left, len(p.Refunds) == 0 || left > 0
}

// cycle reckons where the customer's cycle in the pipeline begins and ends.
func (m *model) cycle(p *pipeline.Pipeline) (customer.Cycle, bool) {
	c := customer.Cycle{Pipeline: p.ID}
	var head *customer.Purchase
	for i := range m.purchases {
		bought := &m.purchases[i]
		if _, counts := net(bought); !counts || !takes(p.Takes, bought) {
			continue
		}
		if head != nil {
			if days := m.day(head.At).DaysUntil(m.day(bought.At)); days > 0 {
				c.Gaps = append(c.Gaps, days)
			}
		}
		head = bought
		c.Number++
	}
	if head == nil {
		return c, false
	}
	c.Gaps = c.Gaps[max(0, len(c.Gaps)-24):]
	if p.LearnAfter == 0 {
		c.Gaps = nil
	}
	c.Purchase, c.Started = head.ID, head.At
	m.setNext(p, &c, head)
	return c, true
}

func (m *model) day(t time.Time) customer.Date { return customer.DateOf(t.In(m.loc())) }

func (m *model) setNext(p *pipeline.Pipeline, c *customer.Cycle, head *customer.Purchase) {
	onDay := func(t time.Time) time.Time {
		if t.IsZero() {
			return t
		}
		return m.day(t).At(p.DayStart, m.loc())
	}
	h := m.hands[p.ID]
	if h.purchase == head.ID && !h.nextAt.IsZero() {
		c.Next, c.NextBy = onDay(h.next), customer.ByHand
		return
	}
	if !head.Next.IsZero() {
		c.Next, c.NextBy = onDay(head.Next), customer.ByPurchase
		return
	}
	var cadence customer.Cadence
	cadence, c.NextBy = m.cadence(p, c, head)
	c.Next = cadence.Next(head.At, p.DayStart, m.loc())
}

func (m *model) cadence(p *pipeline.Pipeline, c *customer.Cycle, head *customer.Purchase) (customer.Cadence, customer.NextBy) {
	for _, own := range m.card.Cadences {
		if own.Pipeline == p.ID {
			return own.Cadence, customer.ByCustomer
		}
	}
	for _, item := range p.Items {
		if takes(item.Of, head) {
			return item.Cadence, customer.ByItem
		}
	}
	if p.LearnAfter > 0 && len(c.Gaps) >= p.LearnAfter {
		gaps := slices.Sorted(slices.Values(c.Gaps))
		n := len(gaps)
		return pipeline.Every(customer.Days((gaps[(n-1)/2] + gaps[n/2] + 1) / 2)), customer.ByHabit
	}
	if p.Cadence != (customer.Cadence{}) {
		return p.Cadence, customer.ByPipeline
	}
	return customer.Cadence{}, customer.ByNothing
}

// begins returns when a stage begins in the cycle; zero: never.
func (m *model) begins(p *pipeline.Pipeline, from pipeline.Start, c *customer.Cycle) time.Time {
	anchor, sign := c.Next, time.Duration(1)
	if from.Anchor == pipeline.AfterPurchase {
		anchor = c.Started
	}
	if anchor.IsZero() || from.Offset == (customer.Period{}) {
		return anchor
	}
	day := m.day(anchor).Add(from.Offset)
	if from.Anchor == pipeline.BeforeNextPurchase {
		day, sign = m.day(anchor).Sub(from.Offset), -1
	}
	if from.Offset == customer.Exact(from.Offset.Exact) {
		return anchor.Add(sign * from.Offset.Exact)
	}
	return day.At(p.DayStart, m.loc()).Add(sign * from.Offset.Exact)
}

// place reckons the stage that the cycle is in at the instant.
func (m *model) place(p *pipeline.Pipeline, c *customer.Cycle, t time.Time) {
	h := m.hands[p.ID]
	if m.refused(p, c) {
		c.Stage, c.Entered, c.Closed = "", h.refusedAt, h.refused
		return
	}
	moved := h.purchase == c.Purchase && stageOf(p, h.stage) > 0
	at := -1
	if moved {
		at = stageOf(p, h.stage) - 1
		c.Entered = h.stageAt
	}
	for i, s := range p.Stages {
		begins := m.begins(p, s.From, c)
		if i <= at || begins.IsZero() || begins.After(t) || (moved && !begins.After(h.stageAt)) {
			continue
		}
		at, c.Entered = i, begins
		if c.Started.After(c.Entered) {
			c.Entered = c.Started
		}
		if s.From.Anchor != pipeline.AfterPurchase && c.NextBy == customer.ByHand && h.nextAt.After(c.Entered) {
			c.Entered = h.nextAt
		}
	}
	c.Stage, c.Closed = p.Stages[at].ID, p.Stages[at].Closes
}

// stageOf returns one more than the place of the stage; zero: there is none.
func stageOf(p *pipeline.Pipeline, id string) int {
	return 1 + slices.IndexFunc(p.Stages, func(s pipeline.Stage) bool { return s.ID == id })
}

func (m *model) refused(p *pipeline.Pipeline, c *customer.Cycle) bool {
	h := m.hands[p.ID]
	return !h.refusedAt.IsZero() && (c.Started.Before(h.refusedAt) || c.Started.Equal(h.refusedAt) && c.Purchase == h.refusedIn)
}

// tellStages tells of every cycle that stands elsewhere than was told.
func (m *model) tellStages() {
	for i := range m.defs.pipelines {
		p := &m.defs.pipelines[i]
		c, ok := m.cycle(p)
		if !ok {
			continue
		}
		m.place(p, &c, m.at)
		was := m.told[p.ID]
		m.told[p.ID] = c
		e := customer.Event{Pipeline: p.ID, Cycle: c.Number, At: c.Entered}
		if m.redefined {
			e.At = m.at
		}
		if was.Stage != c.Stage && was.Stage != "" {
			e.Kind, e.Stage = customer.StageLeft, was.Stage
			m.emit(e)
		}
		if was.Stage != c.Stage && c.Stage != "" {
			e.Kind, e.Stage = customer.StageEntered, c.Stage
			if place := stageOf(p, c.Stage); place <= m.reached[p.ID] {
				m.muted = append(m.muted, len(m.events)) // it was answered before
			} else {
				m.reached[p.ID] = place
			}
			m.emit(e)
		}
		if was.Closed != c.Closed && c.Closed != "" {
			e.Kind, e.Stage, e.Reason = customer.CycleClosed, "", c.Closed
			m.emit(e)
		}
	}
}

// ---- Totals.

func (m *model) totals() customer.Totals {
	var t customer.Totals
	for i := range m.purchases {
		p := &m.purchases[i]
		left, counts := net(p)
		if !counts {
			continue
		}
		if t.Count++; t.Count == 1 {
			t.First = p.At
		}
		t.Total, t.Max, t.Last = t.Total+left, max(t.Max, left), p.At
	}
	return t
}

func byTime(a, b customer.Purchase) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}
