package trigger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/trigger"
)

func TestMatches(t *testing.T) {
	t.Parallel()
	due := customer.Event{Kind: customer.StageEntered, Pipeline: "salon", Stage: "due"}
	viewed := customer.Event{Kind: customer.Acted, Name: "page_view"}
	vip := customer.Event{Kind: customer.SegmentLeft, Segment: "vip"}
	for _, tt := range []struct {
		on    trigger.On
		event customer.Event
		want  bool
	}{
		{trigger.CustomerAdded(), customer.Event{Kind: customer.CustomerAdded}, true},
		{trigger.Purchase(), customer.Event{Kind: customer.Purchased, Ref: "p1"}, true},
		{trigger.Purchase(), customer.Event{Kind: customer.Refunded}, false},
		{trigger.Refund(), customer.Event{Kind: customer.Refunded}, true},
		{trigger.Activity("page_view"), viewed, true},
		{trigger.Activity(""), viewed, true},
		{trigger.Activity("review"), viewed, false},
		{trigger.StageEntered("salon", "due"), due, true},
		{trigger.StageEntered("salon", ""), due, true},
		{trigger.StageEntered("", "due"), due, true},
		{trigger.StageEntered("salon", "lost"), due, false},
		{trigger.StageEntered("cafe", "due"), due, false},
		{trigger.StageLeft("salon", "due"), due, false},
		{trigger.SegmentLeft("vip"), vip, true},
		{trigger.SegmentLeft("asleep"), vip, false},
		{trigger.SegmentEntered("vip"), vip, false},
		{trigger.CycleStarted("salon"), customer.Event{Kind: customer.CycleStarted, Pipeline: "salon"}, true},
		{trigger.Returned("salon"), customer.Event{Kind: customer.Returned, Pipeline: "cafe"}, false},
		{trigger.Refused("salon"), customer.Event{Kind: customer.CustomerRefused, Pipeline: "salon"}, true},
		{trigger.BeforeNext("salon", customer.Days(1)), customer.Event{Kind: customer.DateReached, Pipeline: "salon"}, true},
	} {
		assert.Equal(t, tt.want, tt.on.Matches(&tt.event), "%+v %+v", tt.on, tt.event)
	}
}

func card(field string, v customer.Value) *customer.Customer {
	return &customer.Customer{ID: "c", Fields: customer.Fields{{Name: field, Value: v}}}
}

func TestNextForTheNextPurchase(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	next := utc("2026-04-02 07:00") // 09:00 in Berlin, in summer
	cycles := []customer.Cycle{{Pipeline: "cafe"}, {Pipeline: "salon", Next: next}}
	for _, tt := range []struct {
		on    trigger.On
		after time.Time
		want  time.Time
	}{
		{trigger.BeforeNext("salon", customer.Days(3)), utc("2026-03-01 00:00"), utc("2026-03-30 07:00")},
		{trigger.BeforeNext("salon", customer.Days(7)), utc("2026-03-01 00:00"), utc("2026-03-26 08:00")}, // 09:00 in winter
		{trigger.BeforeNext("salon", customer.Hours(168)), utc("2026-03-01 00:00"), utc("2026-03-26 07:00")},
		{trigger.BeforeNext("salon", customer.Days(7)).At(20, 15), utc("2026-03-01 00:00"), utc("2026-03-26 19:15")},
		{trigger.BeforeNext("salon", customer.Days(3)), utc("2026-03-30 06:59:59"), utc("2026-03-30 07:00")},
		{trigger.BeforeNext("salon", customer.Days(3)), utc("2026-03-30 07:00"), time.Time{}}, // after means after
		{trigger.BeforeNext("salon", customer.Period{}), utc("2026-03-30 07:00"), next},
		{trigger.AfterNext("salon", customer.Months(1)), utc("2026-03-30 07:00"), utc("2026-05-02 07:00")},
		{trigger.AfterNext("salon", customer.Days(1)).At(8, 0), utc("2026-03-30 07:00"), utc("2026-04-03 06:00")},
		{trigger.BeforeNext("cafe", customer.Days(3)), utc("2026-03-01 00:00"), time.Time{}}, // has no date
		{trigger.BeforeNext("bakery", customer.Days(3)), utc("2026-03-01 00:00"), time.Time{}},
	} {
		got := tt.on.NextFor(&customer.Customer{}, cycles, tt.after, berlin)
		assert.Equal(t, tt.want, got.UTC(), "%+v", tt.on)
	}
	cycles[1].Closed = "lost"
	on := trigger.AfterNext("salon", customer.Months(1))
	assert.Zero(t, on.NextFor(&customer.Customer{}, cycles, utc("2026-03-01 00:00"), berlin))
}

func TestNextForADateOfTheCard(t *testing.T) {
	t.Parallel()
	berlin, saoPaulo := zone(t, "Europe/Berlin"), zone(t, "America/Sao_Paulo")
	date, leap := customer.DateValue(2018, 11, 4), customer.DateValue(1960, 2, 29)
	for _, tt := range []struct {
		on    trigger.On
		value customer.Value
		zone  *time.Location
		after string
		want  string // on the clocks of the zone; empty: never
	}{
		{trigger.BeforeDate("d", customer.Days(3)), date, berlin, "2018-01-01", "2018-11-01 00:00"},
		{trigger.BeforeDate("d", customer.Days(3)), date, berlin, "2018-11-02", ""},
		{trigger.AfterDate("d", customer.Weeks(1)).At(10, 0), date, berlin, "2018-01-01", "2018-11-11 10:00"},
		// 4 November 2018 began at 01:00 in São Paulo; three days off, midnight exists.
		{trigger.BeforeDate("d", customer.Period{}), date, saoPaulo, "2018-01-01", "2018-11-04 01:00"},
		{trigger.BeforeDate("d", customer.Days(3)), date, saoPaulo, "2018-01-01", "2018-11-01 00:00"},
		{trigger.AfterDate("d", customer.Days(3)), date, saoPaulo, "2018-01-01", "2018-11-07 00:00"},
		{trigger.BeforeDate("d", customer.Hours(1)), date, saoPaulo, "2018-01-01", "2018-11-03 23:00"},
		// Birthdays, of a leap day and before 1970.
		{trigger.BeforeDate("d", customer.Period{}).EveryYear(), leap, berlin, "2026-01-01", "2026-02-28 00:00"},
		{trigger.BeforeDate("d", customer.Period{}).EveryYear(), leap, berlin, "2028-01-01", "2028-02-29 00:00"},
		{trigger.BeforeDate("d", customer.Days(1)).EveryYear().At(9, 0), leap, berlin, "2026-02-27", "2026-02-27 09:00"},
		{trigger.AfterDate("d", customer.Days(1)).EveryYear(), leap, berlin, "2026-01-01", "2026-03-01 00:00"},
		{trigger.AfterDate("d", customer.Period{}).EveryYear(), leap, berlin, "1900-01-01", "1960-02-29 00:00"},
		// Over the end of the year, both ways.
		{trigger.BeforeDate("d", customer.Days(7)).EveryYear(), customer.DateValue(1990, 1, 3), berlin, "2026-06-01", "2026-12-27 00:00"},
		{trigger.BeforeDate("d", customer.Days(7)).EveryYear(), customer.DateValue(1990, 1, 3), berlin, "2026-12-27", "2027-12-27 00:00"},
		{trigger.AfterDate("d", customer.Days(7)).EveryYear(), customer.DateValue(1990, 12, 30), berlin, "2026-01-02", "2026-01-06 00:00"},
		{trigger.AfterDate("d", customer.Years(1)).EveryYear(), leap, berlin, "2026-01-01", "2026-02-28 00:00"},
		// A date that is still to come has no earlier anniversary.
		{trigger.BeforeDate("d", customer.Days(1)).EveryYear(), customer.DateValue(2090, 5, 5), berlin, "2026-01-01", "2090-05-04 00:00"},
		{trigger.BeforeDate("d", customer.Period{}).EveryYear(), customer.DateValue(1, 1, 1), berlin, "2026-06-01", "2027-01-01 00:00"},
		// An instant is itself, or its day.
		{trigger.BeforeDate("d", customer.Hours(2)), customer.Instant(utc("2026-05-05 22:30")), berlin, "2026-01-01", "2026-05-05 22:30"},
		{trigger.BeforeDate("d", customer.Period{}).EveryYear(), customer.Instant(utc("2020-05-05 22:30")), berlin, "2026-01-01", "2026-05-06 00:00"},
		{trigger.BeforeDate("d", customer.Period{}), customer.Text("2026-05-05"), berlin, "2026-01-01", ""},
		{trigger.BeforeDate("other", customer.Period{}), date, berlin, "2018-01-01", ""},
	} {
		after, err := time.ParseInLocation(time.DateOnly, tt.after, tt.zone)
		require.NoError(t, err)
		got := tt.on.NextFor(card("d", tt.value), nil, after, tt.zone)
		if tt.want == "" {
			assert.Zero(t, got, "%+v of %v", tt.on, tt.value)
		} else {
			assert.Equal(t, tt.want, got.In(tt.zone).Format("2006-01-02 15:04"), "%+v of %v", tt.on, tt.value)
		}
	}
}

// Going day by day, the first that is an anniversary moved by the offset.
func TestYearlyDatesAreWhatGoingDayByDayFinds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			rapid.Check(t, func(t *rapid.T) { yearly(t, loc) })
		})
	}
}

func yearly(t *rapid.T, loc *time.Location) {
	date := drawDate(t, "date")
	days := rapid.IntRange(0, 365).Draw(t, "days")
	tod := customer.Clock(rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"))
	from := drawDate(t, "after")
	after := from.At(customer.Clock(rapid.IntRange(0, 23).Draw(t, "after hour"), 0), loc)
	on, sign := trigger.BeforeDate("d", customer.Days(days)), -1
	if rapid.Bool().Draw(t, "after the date") {
		on, sign = trigger.AfterDate("d", customer.Days(days)), 1
	}
	on = on.EveryYear().At(tod.Hour, tod.Minute)

	got := on.NextFor(card("d", customer.DateValue(date.Year, date.Month, date.Day)), nil, after, loc)
	day := time.Date(from.Year, from.Month, from.Day, 0, 0, 0, 0, time.UTC)
	for first := time.Date(date.Year-1, date.Month, date.Day-2, 0, 0, 0, 0, time.UTC); day.Before(first); {
		day = first // nothing comes before the date itself, less the offset
	}
	for ; ; day = day.AddDate(0, 0, 1) {
		if !anniversary(date, day.AddDate(0, 0, -sign*days)) {
			continue
		}
		if at := customer.DateOf(day).At(tod, loc); at.After(after) {
			require.Equal(t, at.In(loc).String(), got.In(loc).String())
			return
		}
	}
}

func drawDate(t *rapid.T, name string) customer.Date {
	day := rapid.IntRange(0, 150*365).Draw(t, name)
	if rapid.IntRange(0, 4).Draw(t, name+" leaps") == 0 {
		return customer.Date{Year: 1904 + day%30*4, Month: 2, Day: 29}
	}
	return customer.DateOf(time.Date(1901, 1, 1+day, 0, 0, 0, 0, time.UTC))
}

// anniversary reports whether the day is one of the date, the first included.
func anniversary(date customer.Date, day time.Time) bool {
	if day.Year() < date.Year {
		return false
	}
	if day.Month() == date.Month && day.Day() == date.Day {
		return true
	}
	next := day.AddDate(0, 0, 1)
	return date.Month == 2 && date.Day == 29 && day.Month() == 2 && day.Day() == 28 && next.Month() == 3
}
