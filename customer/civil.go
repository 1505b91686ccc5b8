package customer

import (
	"fmt"
	"time"
)

// Date is a day of the calendar, in no zone: a birthday, a due day. The zero
// Date is no date. Dates compare with ==.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day on which t falls in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String returns d as 2006-01-02.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// ParseDate reads a day that exists, written as 2006-01-02.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || !DateOf(t).Valid() {
		return Date{}, fmt.Errorf("date %.40q: is no day of the calendar, as in 2006-01-02", s)
	}
	return DateOf(t), nil
}

// MarshalText writes d as [Date.String] does. A day that does not exist is an
// error.
func (d Date) MarshalText() ([]byte, error) {
	if !d.Valid() {
		return nil, fmt.Errorf("date %s does not exist", d)
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what [ParseDate] reads.
func (d *Date) UnmarshalText(text []byte) error {
	read, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = read
	return nil
}

// Valid reports whether d is a day that exists.
func (d Date) Valid() bool {
	return d.Year >= 1 && d.Year <= 9999 && d.Month >= 1 && d.Month <= 12 &&
		d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

// At returns the instant at which clocks in loc show tod on day d. A time that
// daylight saving skips becomes the first instant after the gap; one that comes
// twice is the first of the two.
func (d Date) At(tod TimeOfDay, loc *time.Location) time.Time {
	return wall(d, tod.Hour, tod.Minute, 0, 0, loc)
}

// Add returns d plus the calendar part of p, clamped to the end of the month as
// [Period.After] does. The exact part of p does not count.
func (d Date) Add(p Period) Date { return d.add(p, 1) }

// Sub returns d minus the calendar part of p.
func (d Date) Sub(p Period) Date { return d.add(p, -1) }

// DaysUntil returns the number of days from d to e, negative if e is earlier.
func (d Date) DaysUntil(e Date) int {
	return int((e.utc().Unix() - d.utc().Unix()) / (24 * 60 * 60)) // a Duration ends after 292 years
}

// In returns the anniversary of d in year: the same month and day, where 29
// February falls on the 28th in a year that has no 29th.
func (d Date) In(year int) Date {
	return Date{year, d.Month, min(d.Day, daysIn(year, d.Month))}
}

// Weekday returns the day of the week of d.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

func (d Date) add(p Period, sign int) Date {
	if p.Years != 0 || p.Months != 0 {
		months := d.Year*12 + int(d.Month) - 1 + sign*(p.Years*12+p.Months)
		year, month := months/12, time.Month(months%12+1)
		if month < 1 { // years before 1: Go's % keeps the sign
			year, month = year-1, month+12
		}
		d = Date{year, month, min(d.Day, daysIn(year, month))}
	}
	if days := sign * (p.Weeks*7 + p.Days); days != 0 {
		d = DateOf(time.Date(d.Year, d.Month, d.Day+days, 0, 0, 0, 0, time.UTC))
	}
	return d
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// TimeOfDay is a time that a wall clock shows, to the minute. The zero
// TimeOfDay is midnight.
type TimeOfDay struct{ Hour, Minute int }

// Clock returns the time of day hour:minute.
func Clock(hour, minute int) TimeOfDay { return TimeOfDay{hour, minute} }

// ParseTimeOfDay reads a time of day written as 15:04, from 00:00 to 23:59.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") { // time.Parse takes 9:30 as well
		return TimeOfDay{}, fmt.Errorf("time of day %.40q: is not from 00:00 to 23:59", s)
	}
	return Clock(t.Hour(), t.Minute()), nil
}

// MarshalText writes tod as [TimeOfDay.String] does. A time that no clock shows
// is an error.
func (tod TimeOfDay) MarshalText() ([]byte, error) {
	if !tod.Valid() {
		return nil, fmt.Errorf("time of day %s does not exist", tod)
	}
	return []byte(tod.String()), nil
}

// UnmarshalText reads what [ParseTimeOfDay] reads.
func (tod *TimeOfDay) UnmarshalText(text []byte) error {
	read, err := ParseTimeOfDay(string(text))
	if err != nil {
		return err
	}
	*tod = read
	return nil
}

// Valid reports whether a clock can show tod.
func (tod TimeOfDay) Valid() bool {
	return tod.Hour >= 0 && tod.Hour < 24 && tod.Minute >= 0 && tod.Minute < 60
}

// String returns tod as 15:04.
func (tod TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", tod.Hour, tod.Minute) }

// Stored returns t as this library keeps every instant: in UTC, truncated to the
// microseconds that databases keep, without the monotonic reading of the wall
// clock. Zero stays zero.
func Stored(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Round(0).Truncate(time.Microsecond)
}

// wall returns the instant at which clocks in loc show the given date and time.
// time.Date leaves open which instant it gives where daylight saving skips or
// repeats one; here a skipped time is the first instant after the gap and a
// repeated one is the first of the two.
func wall(d Date, hour, minute, sec, nsec int, loc *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, hour, minute, sec, nsec, loc)
	if loc == time.UTC {
		return t
	}
	start, end := t.ZoneBounds()
	asked := time.Date(d.Year, d.Month, d.Day, hour, minute, sec, nsec, time.UTC)
	_, offset := t.Zone()
	switch shown := t.Add(time.Duration(offset) * time.Second); {
	case shown.After(asked): // Go fell behind the gap that begins where t's zone does
		return start.UTC()
	case shown.Before(asked): // Go fell before the gap that begins where t's zone ends
		return end.UTC()
	}
	if start.IsZero() {
		return t.UTC()
	}
	_, before := start.Add(-1).Zone()
	if first := t.Add(time.Duration(offset-before) * time.Second); first.Before(start) {
		return first.UTC() // the same wall time, before the clocks went back
	}
	return t.UTC()
}
