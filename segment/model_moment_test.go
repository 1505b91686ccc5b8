package segment_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// happened is an instant of a customer's life, or a day of the calendar.
type happened struct {
	at  time.Time     // of a day, its midnight
	day customer.Date // zero: it is an instant
}

func (h happened) plus(w *world, d customer.Period) time.Time {
	if h.day.IsZero() {
		return d.After(h.at, w.zone)
	}
	return w.midnight(h.day.Add(d)).Add(d.Exact)
}

func (h happened) minus(w *world, d customer.Period) time.Time {
	if h.day.IsZero() {
		return d.Before(h.at, w.zone)
	}
	return w.midnight(h.day.Sub(d)).Add(-d.Exact)
}

// moment is a segment.Moment and when it was.
type moment struct {
	of       segment.Moment
	was      func(w *world, now time.Time) (happened, bool)
	pipeline string // whose cycle it is of
}

func instant(at time.Time, known bool) (happened, bool) { return happened{at: at}, known }

func drawMoment(t *rapid.T) moment {
	of, a, p := drawFilter(t), drawAsked(t), anyPipeline.Draw(t, "pipeline")
	cycleMoment := func(m segment.Moment, at func(c *customer.Cycle) (time.Time, bool)) moment {
		return moment{m, func(w *world, now time.Time) (happened, bool) {
			c := w.cycle(p, now)
			if c == nil {
				return happened{}, false
			}
			return instant(at(c))
		}, p}
	}
	switch rapid.IntRange(0, 9).Draw(t, "moment") {
	case 0:
		return moment{segment.Created(), func(w *world, _ time.Time) (happened, bool) { return instant(w.card.Since, !w.card.Since.IsZero()) }, ""}
	case 1:
		return moment{segment.FirstPurchaseOf(of), func(w *world, _ time.Time) (happened, bool) { return instant(w.firstBought(of)) }, ""}
	case 2:
		return moment{segment.LastPurchase(), func(w *world, _ time.Time) (happened, bool) { return instant(w.lastBought(customer.Filter{})) }, ""}
	case 3:
		return moment{segment.LastPurchaseOf(of), func(w *world, _ time.Time) (happened, bool) { return instant(w.lastBought(of)) }, ""}
	case 4:
		return moment{segment.FirstActivity(a.name, a.properties()...), func(w *world, _ time.Time) (happened, bool) {
			return instant(earliest(w.done(a)))
		}, ""}
	case 5:
		return moment{segment.LastActivity(a.name, a.properties()...), func(w *world, _ time.Time) (happened, bool) {
			all := w.done(a)
			slices.Reverse(all)
			return instant(latestOf(all))
		}, ""}
	case 6:
		return cycleMoment(segment.NextPurchase(p), func(c *customer.Cycle) (time.Time, bool) { return c.Next, c.Closed == "" && !c.Next.IsZero() })
	case 7:
		return cycleMoment(segment.CycleStart(p), func(c *customer.Cycle) (time.Time, bool) { return c.Started, true })
	case 8:
		return cycleMoment(segment.StageStart(p), func(c *customer.Cycle) (time.Time, bool) { return c.Entered, c.Stage != "" })
	}
	name := anyName.Draw(t, "field")
	return moment{segment.DateIn(name), func(w *world, _ time.Time) (happened, bool) { return w.dateIn(name) }, ""}
}

func (w *world) dateIn(field string) (happened, bool) {
	v := fieldOf(&w.card, field)
	if at, ok := v.AsInstant(); ok {
		return happened{at: at}, true
	}
	day, ok := v.AsDate()
	return happened{w.midnight(day), day}, ok
}

func (w *world) firstBought(of customer.Filter) (at time.Time, ever bool) {
	for _, p := range w.purchases {
		if left(p) != gone && takes(of, p) && (!ever || p.At.Before(at)) {
			at, ever = p.At, true
		}
	}
	return at, ever
}

func earliest(all []time.Time) (time.Time, bool) {
	if len(all) == 0 {
		return time.Time{}, false
	}
	return slices.MinFunc(all, time.Time.Compare), true
}

func latestOf(all []time.Time) (time.Time, bool) {
	if len(all) == 0 {
		return time.Time{}, false
	}
	return slices.MaxFunc(all, time.Time.Compare), true
}

// each returns what the moment is at any time between two instants.
func (m moment) each(w *world, from, to time.Time) (all []happened) {
	for _, at := range append(w.starts(m.pipeline), from, to) {
		if h, known := m.was(w, at); known {
			all = append(all, h)
		}
	}
	return all
}

// about makes a rule of what is asked of a moment. Bounds returns between which
// instants it is true; a zero one is none.
func (m moment) about(of segment.Predicate, bounds func(w *world, h happened) (from, to time.Time)) rule {
	return leaf{
		of: of,
		truth: func(w *world, now time.Time) bool {
			h, known := m.was(w, now)
			if !known {
				return false
			}
			from, to := bounds(w, h)
			return (from.IsZero() || !now.Before(from)) && (to.IsZero() || now.Before(to))
		},
		flips: func(w *world, from, to time.Time) []time.Time {
			all := w.starts(m.pipeline)
			for _, h := range m.each(w, from, to) {
				begin, end := bounds(w, h)
				all = append(all, h.at, begin, end)
			}
			return all
		},
	}
}

func drawMomentLeaf(t *rapid.T) rule {
	m, d := drawMoment(t), anySpan.Draw(t, "span")
	switch kind := rapid.IntRange(0, 6).Draw(t, "asked"); kind {
	case 0:
		return m.about(m.of.Within(d), func(w *world, h happened) (from, to time.Time) { return h.at, h.plus(w, d) })
	case 1:
		return m.about(m.of.Ago(d), func(w *world, h happened) (from, to time.Time) { return h.plus(w, d), time.Time{} })
	case 2:
		return m.about(m.of.Ahead(d), func(w *world, h happened) (from, to time.Time) { return h.minus(w, d), h.at })
	case 3:
		known := rapid.Bool().Draw(t, "known")
		return leaf{
			of:    m.of.Known(known),
			truth: func(w *world, now time.Time) bool { _, is := m.was(w, now); return is == known },
			flips: func(w *world, _, _ time.Time) []time.Time { return w.starts(m.pipeline) },
		}
	default:
		return m.drawOnDays(t, kind)
	}
}

// drawOnDays asks on which days of the calendar the moment was.
func (m moment) drawOnDays(t *rapid.T, kind int) rule {
	first := drawDay(t)
	end := first.Add(customer.Days(rapid.IntRange(1, 300).Draw(t, "days")))
	of := []segment.Predicate{m.of.Before(end), m.of.From(first), m.of.Between(first, end)}[kind-4]
	return leaf{
		of: of,
		truth: func(w *world, now time.Time) bool {
			h, known := m.was(w, now)
			before, from := h.at.Before(w.midnight(end)), !h.at.Before(w.midnight(first))
			return known && [3]bool{before, from, before && from}[kind-4]
		},
		flips: func(w *world, from, to time.Time) []time.Time {
			all := w.starts(m.pipeline)
			for _, h := range m.each(w, from, to) {
				all = append(all, h.at)
			}
			return all
		},
	}
}

func drawAnniversary(t *rapid.T) rule {
	m := drawMoment(t)
	around := rapid.SampledFrom([]customer.Period{
		{}, {}, customer.Days(1), customer.Weeks(2), customer.Months(5), customer.Hours(36), {Days: 3, Exact: time.Microsecond},
	})
	before, after := around.Draw(t, "before"), around.Draw(t, "after")
	leap := rapid.SampledFrom([]segment.LeapDay{segment.OnFebruary28, segment.OnMarch1}).Draw(t, "leap")
	of := m.of.AnniversaryOn(leap, before, after)
	if leap == segment.OnFebruary28 && rapid.Bool().Draw(t, "by default") {
		of = m.of.Anniversary(before, after)
	}
	// bounds is what an anniversary means in one year.
	bounds := func(w *world, h happened, year int) (from, to time.Time) {
		born := h.day
		if born.IsZero() {
			born = customer.DateOf(h.at.In(w.zone))
		}
		day := customer.Date{Year: year, Month: born.Month, Day: born.Day}
		if !day.Valid() {
			day = map[segment.LeapDay]customer.Date{
				segment.OnFebruary28: {Year: year, Month: time.February, Day: 28}, segment.OnMarch1: {Year: year, Month: time.March, Day: 1},
			}[leap]
		}
		next := day.Add(customer.Days(1))
		if year <= born.Year {
			return time.Time{}, time.Time{}
		}
		return w.midnight(day.Sub(before)).Add(-before.Exact), w.midnight(next.Add(after)).Add(after.Exact)
	}
	return leaf{
		of: of,
		truth: func(w *world, now time.Time) bool {
			h, known := m.was(w, now)
			for year := now.Year() - 2; known && year <= now.Year()+2; year++ {
				if from, to := bounds(w, h, year); !now.Before(from) && now.Before(to) {
					return true
				}
			}
			return false
		},
		flips: func(w *world, from, to time.Time) []time.Time {
			all := w.starts(m.pipeline)
			for _, h := range m.each(w, from, to) {
				for year := from.Year() - 1; year <= to.Year()+3; year++ {
					begin, end := bounds(w, h, year)
					all = append(all, begin, end)
				}
			}
			return all
		},
	}
}

func drawWeekday(t *rapid.T) rule {
	days := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 4).Draw(t, "days")
	var of []time.Weekday
	for _, d := range days {
		of = append(of, time.Weekday(d))
	}
	return leaf{
		of:    segment.Weekday(of...),
		truth: func(w *world, now time.Time) bool { return slices.Contains(of, now.In(w.zone).Weekday()) },
		flips: func(w *world, from, to time.Time) []time.Time { return w.midnights(from, to, customer.Days(1)) },
	}
}

func drawMonth(t *rapid.T) rule {
	months := rapid.SliceOfN(rapid.IntRange(1, 12), 1, 4).Draw(t, "months")
	var of []time.Month
	for _, m := range months {
		of = append(of, time.Month(m))
	}
	return leaf{
		of:    segment.Month(of...),
		truth: func(w *world, now time.Time) bool { return slices.Contains(of, now.In(w.zone).Month()) },
		flips: func(w *world, from, to time.Time) []time.Time { return w.midnights(from, to, customer.Months(1)) },
	}
}

// midnights returns when days begin, from the first of the month before from to
// beyond to, one step behind the other.
func (w *world) midnights(from, to time.Time, step customer.Period) (all []time.Time) {
	day := customer.Date{Year: from.Year(), Month: from.Month(), Day: 1}.Sub(customer.Months(1))
	for at := w.midnight(day); !at.After(to.AddDate(0, 3, 0)); at = w.midnight(day) {
		all = append(all, at)
		day = day.Add(step)
	}
	return all
}
