package main

import (
	"math"
	"time"
)

// rulesOfCDNOW are those of testdata/segments_cdnow.json.
var rulesOfCDNOW = map[string]rule{
	"recent":           func(p past) bool { return p.lately(days(30)) },
	"asleep":           func(p past) bool { return p.ago(months(6)) },
	"came-in-february": func(p past) bool { return onDays(p.first(), "1997-02-01", "1997-03-01") },
	"often":            func(p past) bool { return p.within(days(90)).count() >= 3 },
	"one-timer":        func(p past) bool { return p.count() == 1 && !p.lately(days(90)) },
	"spring-spender":   func(p past) bool { return p.from("1997-04-01", "1997-07-01").total() >= 100_00 },
	"big-basket":       func(p past) bool { return p.count() >= 2 && p.within(months(12)).average() > 50_00 },
	"one-big-order": func(p past) bool {
		p = p.within(months(6))
		return p.count() > 0 && p.largest() >= 200_00
	},
	"never-small": func(p past) bool { return p.smallest() >= 30_00 },
	"fortnightly": func(p past) bool {
		p = p.within(days(90))
		return p.count() >= 2 && p.last().Sub(p.first())/time.Duration(p.count()-1) <= 14*24*time.Hour
	},
	"slow": func(p past) bool {
		return p.count() >= 2 && p.medianGap() >= 60*24*time.Hour && p.medianGap() <= 120*24*time.Hour
	},
	"lapsed":            func(p past) bool { return p.lapsed(4) },
	"big-orders-lapsed": func(p past) bool { return p.paid(30_00, math.MaxInt64).lapsed(3) },
	"best-cell": func(p past) bool {
		year := p.within(months(12))
		return score(p.lately(days(30)), p.lately(days(90)), p.lately(days(180))) >= 3 &&
			score(reaches(year.count(), 2, 4, 8)...) >= 3 &&
			score(reaches(year.total(), 50_00, 100_00, 200_00)...) == 4
	},
	"middling-money": func(p past) bool {
		money := score(reaches(p.within(months(6)).total(), 50_00, 100_00, 200_00)...)
		return money == 2 || money == 3
	},
	"by-the-box": func(p past) bool { return p.within(months(12)).pieces(10).count() >= 1 },
	"mostly-big-orders": func(p past) bool {
		return p.total() > 0 && p.paid(50_00, math.MaxInt64).total()*100/p.total() >= 50
	},
	"small-change": func(p past) bool {
		sum := p.within(months(3)).paid(0, 15_00).total()
		return sum >= 10_00 && sum <= 40_00
	},
	"soon-again":    func(p past) bool { return followed(p.within(months(6)), p, days(30)) },
	"big-and-gone":  func(p past) bool { return unanswered(p.paid(100_00, math.MaxInt64).within(months(12)), p, days(60)) },
	"once-too-late": onceTooLate,
	"two-of-three": func(p past) bool {
		year := p.within(months(12)).count()
		return score(p.paid(50_00, math.MaxInt64).ago(days(90)), year == 2 || year == 4, p.ago(months(6))) > 2
	},
	"in-june-of-late": func(p past) bool { return p.now.Month() == time.June && p.lately(days(30)) },
	"mail-test":       func(p past) bool { return drawn("mail test", p.id) < 0.1 },
	"in-the-habit":    inTheHabit.holds,
	"big-of-late":     bigOfLate(50_00).holds,
}

func onceTooLate(p past) bool {
	big := p.paid(50_00, math.MaxInt64)
	return tooLate(big, big, days(90))
}

// inTheHabit takes three purchases in sixty days to come in, and a month and a
// half without any to leave.
var inTheHabit = sticky{
	enter: func(p past) bool { return p.within(days(60)).count() >= 3 },
	exit:  func(p past) bool { return p.ago(days(45)) },
	edges: []after{days(45), days(60)},
}

// bigOfLate is for a week behind a big purchase, but for a month at least.
func bigOfLate(least int64) sticky {
	enter := func(p past) bool { return p.within(days(7)).paid(least, math.MaxInt64).count() > 0 }
	return sticky{
		enter: enter,
		exit:  func(p past) bool { return !enter(p) },
		stay:  days(30),
		edges: []after{days(7)},
	}
}
