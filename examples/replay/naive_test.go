package main

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// naive is a second opinion on shop.json: it works everything out for one customer at
// a time, from the bare rows, with nothing of the library.
type naive struct {
	days  []time.Time // of the purchases, in order
	cents []int64
}

// naiveCustomers takes what customers bought up to the end of the day until.
func naiveCustomers(raw map[string][]bought, until time.Time) map[string]*naive {
	customers := make(map[string]*naive)
	for id, all := range raw {
		for _, b := range all {
			if b.at.After(until) {
				break
			}
			if customers[id] == nil {
				customers[id] = &naive{}
			}
			customers[id].days = append(customers[id].days, b.at)
			customers[id].cents = append(customers[id].cents, b.cents)
		}
	}
	return customers
}

func (n *naive) total() (sum int64) {
	for _, c := range n.cents {
		sum += c
	}
	return sum
}

func (n *naive) last() time.Time { return n.days[len(n.days)-1] }

// plusMonths is t some months on, not beyond the end of the month.
func plusMonths(t time.Time, months int) time.Time {
	midnight := t.Truncate(24 * time.Hour)
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	end := first.AddDate(0, 1, -1)
	return first.AddDate(0, 0, min(t.Day(), end.Day())-1).Add(t.Sub(midnight))
}

// next is the day of the purchase after the first k.
func (n *naive) next(k int) time.Time {
	var gaps []int
	for i := 1; i < k; i++ {
		if gap := int(n.days[i].Sub(n.days[i-1]).Hours() / 24); gap > 0 {
			gaps = append(gaps, gap)
		}
	}
	if len(gaps) < 3 {
		return plusMonths(n.days[k-1], 1)
	}
	gaps = gaps[max(0, len(gaps)-24):]
	slices.Sort(gaps)
	middle := gaps[len(gaps)/2]
	if len(gaps)%2 == 0 {
		middle = (gaps[len(gaps)/2-1] + middle + 1) / 2
	}
	return n.days[k-1].AddDate(0, 0, middle)
}

var naiveStages = []string{"thanks", "listening", "news", "due", "overdue", "fading", "lost"}

// starts are those of the stages behind the k-th purchase.
func (n *naive) starts(k int) []time.Time {
	nine := 9 * time.Hour
	bought, next := n.days[k-1], n.next(k).Add(nine)
	return []time.Time{
		bought, bought.AddDate(0, 0, 2).Add(nine), next.AddDate(0, 0, -7), next, next.AddDate(0, 0, 7),
		next.AddDate(0, 0, 45), next.AddDate(0, 0, 180),
	}
}

// stage is the one that the customer is in, after k purchases, at an instant.
func (n *naive) stage(k int, at time.Time) string {
	stage := ""
	for i, start := range n.starts(k) {
		if !start.After(at) {
			stage = naiveStages[i]
		}
	}
	return stage
}

// stages are those that the customer comes through behind the k-th purchase,
// before an instant.
func (n *naive) stages(k int, before time.Time) map[string]bool {
	through := map[string]bool{n.stage(k, n.days[k-1]): true}
	for _, start := range n.starts(k) {
		if start.After(n.days[k-1]) && start.Before(before) {
			through[n.stage(k, start)] = true
		}
	}
	return through
}

// in tells the segments that the customer is in just before an instant.
func (n *naive) in(end time.Time) []string {
	within := func(d func(time.Time) time.Time) bool { return !d(n.last()).Before(end) }
	lastYear := 0
	for _, d := range n.days {
		if !plusMonths(d, 12).Before(end) {
			lastYear++
		}
	}
	vip := n.total() >= 500_00
	asleep := !within(func(t time.Time) time.Time { return plusMonths(t, 6) })
	fresh := within(func(t time.Time) time.Time { return t.AddDate(0, 0, 30) })
	active := within(func(t time.Time) time.Time { return t.AddDate(0, 0, 90) })
	var ids []string
	for id, is := range map[string]bool{
		"new":        len(n.days) == 1 && fresh,
		"one-timer":  len(n.days) == 1 && !active,
		"active":     active,
		"regular":    lastYear >= 3,
		"big-basket": len(n.days) >= 2 && n.total()/int64(len(n.days)) >= 60_00,
		"vip":        vip,
		"asleep":     asleep,
		"vip-asleep": vip && asleep,
	} {
		if is {
			ids = append(ids, id)
		}
	}
	return ids
}

// naiveReport is what a report must say of customers at the end of a day, as
// far as the naive model goes.
func naiveReport(t *testing.T, customers map[string]*naive, until time.Time) report {
	t.Helper()
	defs, err := readDefinitions("", nil)
	require.NoError(t, err)
	r := newReport(defs)
	r.Until = until.Format("2006-01-02")
	end := until.AddDate(0, 0, 1)
	for _, n := range customers {
		r.Customers++
		r.Purchases += len(n.days)
		r.TotalMinor += n.total()
		r.Stages["music"][n.stage(len(n.days), end.Add(-1))]++
		for _, id := range n.in(end) {
			r.Segments[id]++
		}
		r.addEvents(n, end)
	}
	return r
}

func (r *report) addEvents(n *naive, end time.Time) {
	r.Events["customer_added"]++
	for k := 1; k <= len(n.days); k++ {
		before := end
		if k < len(n.days) {
			before = n.days[k]
		}
		through := n.stages(k, before)
		r.Events["purchase"]++
		r.Events["cycle_started"]++
		r.Events["stage_entered"] += len(through)
		if through["lost"] {
			r.Events["cycle_closed"]++
			if k < len(n.days) {
				r.Events["returned"]++
			}
		}
	}
	r.Events["stage_left"] = r.Events["stage_entered"] - r.Customers // everybody is in one
}
