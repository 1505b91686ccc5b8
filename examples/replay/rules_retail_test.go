package main

import (
	"math"
	"slices"
	"time"
)

// rulesOfRetail are those of testdata/segments_retail.json.
var rulesOfRetail = map[string]rule{
	"recent":         func(p past) bool { return p.lately(days(30)) },
	"asleep":         func(p past) bool { return p.ago(months(3)) },
	"came-in-spring": func(p past) bool { return onDays(p.first(), "2011-03-01", "2011-06-01") },
	"often":          func(p past) bool { return p.within(days(60)).count() >= 4 },
	"one-timer":      func(p past) bool { return p.count() == 1 && !p.lately(days(90)) },
	"summer-spender": func(p past) bool { return p.from("2011-06-01", "2011-09-01").total() >= 1_000_00 },
	"big-invoices":   func(p past) bool { return p.within(days(180)).average() > 500_00 },
	"one-big-invoice": func(p past) bool {
		p = p.within(months(6))
		return p.count() > 0 && p.largest() >= 2_000_00
	},
	"one-small-invoice": func(p past) bool {
		p = p.within(months(6))
		return p.count() > 0 && p.smallest() < 100_00
	},
	"fortnightly": func(p past) bool {
		p = p.within(days(90))
		return p.count() >= 2 && p.last().Sub(p.first())/time.Duration(p.count()-1) <= 14*24*time.Hour
	},
	"monthly": func(p past) bool {
		return p.count() >= 2 && p.medianGap() >= 20*24*time.Hour && p.medianGap() <= 40*24*time.Hour
	},
	"lapsed":        func(p past) bool { return p.lapsed(4) },
	"hearts-lapsed": func(p past) bool { return p.skus("85123A", "22423").lapsed(3) },
	"best-cell": func(p past) bool {
		half := p.within(months(6))
		return score(p.lately(days(30)), p.lately(days(90)), p.lately(days(180))) == 4 &&
			score(reaches(half.count(), 2, 4, 8)...) >= 3 &&
			score(reaches(half.total(), 500_00, 1_000_00, 2_000_00)...) >= 3
	},
	"wide-range": func(p past) bool { return p.within(days(90)).names() >= 100 },
	"pays-postage": func(p past) bool {
		return p.total() > 0 && p.skus("POST", "DOT", "C2").total()*100/p.total() >= 10
	},
	"abroad": func(p past) bool {
		return p.of(func(b *bought) bool { return slices.Contains([]string{"Germany", "France", "EIRE", "Spain"}, b.source) }).count() >= 1
	},
	"bulk":       func(p past) bool { return p.within(months(6)).pieces(1000).total() >= 1_000_00 },
	"cakestands": func(p past) bool { return p.within(months(6)).skus("22423").total() >= 100_00 },
	"jumbo-bags-alone": func(p past) bool {
		return p.skus("85099B", "20725", "20727").pieces(20).average() >= 40_00
	},
	"soon-again": func(p past) bool {
		return followed(p.skus("85123A").within(months(6)), p.skus("85123A"), days(45))
	},
	"big-and-gone": func(p past) bool {
		return unanswered(p.paid(1_000_00, math.MaxInt64).within(months(9)), p, days(60))
	},
	"two-of-three": func(p past) bool {
		year := p.within(months(12)).count()
		return score(p.paid(300_00, math.MaxInt64).ago(days(90)), year == 2 || year == 4, p.ago(months(3))) > 2
	},
	"mail-test":    func(p past) bool { x := drawn("mail test", p.id); return 0.5 <= x && x < 0.75 },
	"in-the-habit": inTheHabit.holds,
	"big-of-late":  bigOfLate(1_000_00).holds,
}
