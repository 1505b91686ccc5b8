package customer

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Period is a length of time as a definition states it. Its calendar part
// (years, months, weeks, days) is added on the calendar of a time zone, so that
// a day may last 23 or 25 hours and a month 28 to 31 days; its Exact part is
// then added as elapsed time. Days(30) and Hours(720) are therefore different
// periods.
//
// The zero Period is no time at all. Periods compare with ==, but equal lengths
// may be written in several ways: Weeks(1) != Days(7), though both always end
// at the same instant.
type Period struct {
	Years, Months, Weeks, Days int
	Exact                      time.Duration
}

// Years returns a period of n calendar years.
func Years(n int) Period { return Period{Years: n} }

// Months returns a period of n calendar months.
func Months(n int) Period { return Period{Months: n} }

// Weeks returns a period of n calendar weeks.
func Weeks(n int) Period { return Period{Weeks: n} }

// Days returns a period of n calendar days.
func Days(n int) Period { return Period{Days: n} }

// Hours returns a period of exactly n hours, whatever the calendar does, at most
// the 292 years that a [time.Duration] holds.
func Hours(n int) Period { return Period{Exact: times(time.Hour, n, math.MaxInt64)} }

// Exact returns a period of exactly d, whatever the calendar does.
func Exact(d time.Duration) Period { return Period{Exact: d} }

// IsZero reports whether p is no time at all.
func (p Period) IsZero() bool { return p == Period{} }

// IsCalendar reports whether p has a calendar part, and so depends on a zone.
func (p Period) IsCalendar() bool {
	return p.Years != 0 || p.Months != 0 || p.Weeks != 0 || p.Days != 0
}

// maxUnits bounds each part of a Period so that no sum of them overflows a date.
const maxUnits = 100_000

// Validate reports what is wrong with p as a length of time: a negative part,
// one beyond what a date can hold, or one finer than the microseconds that times
// are kept to. The zero Period is valid.
func (p Period) Validate() error {
	for _, part := range []struct {
		name string
		n    int
	}{{"years", p.Years}, {"months", p.Months}, {"weeks", p.Weeks}, {"days", p.Days}} {
		if part.n < 0 {
			return fmt.Errorf("%d %s is negative; a period is a length of time", part.n, part.name)
		}
		if part.n > maxUnits {
			return fmt.Errorf("%d %s is longer than this library can count (%d)", part.n, part.name, maxUnits)
		}
	}
	if p.Exact < 0 {
		return fmt.Errorf("%v is negative; a period is a length of time", p.Exact)
	}
	if p.Exact%time.Microsecond != 0 {
		return fmt.Errorf("%v is finer than a microsecond, which is what times are kept to", p.Exact)
	}
	return nil
}

// After returns t plus p, on the calendar of loc: first years and months, the
// day clamped to the last of the month (31 January plus one month is 28 or 29
// February), then weeks and days, keeping the wall clock, then the exact part.
// A wall time that daylight saving skips becomes the first instant after the
// gap; one that comes twice is the first of the two. To repeat a period, add
// its multiple to the anchor ([Period.Times]), not the period to the last sum,
// or 31 January drifts to the 28th for good.
func (p Period) After(t time.Time, loc *time.Location) time.Time {
	return p.shift(t, loc, 1)
}

// Before returns t minus p by the same rules as [Period.After].
func (p Period) Before(t time.Time, loc *time.Location) time.Time {
	return p.shift(t, loc, -1)
}

// Times returns the period repeated n times. A part that cannot hold that
// becomes the most it can, never a shorter length.
func (p Period) Times(n int) Period {
	return Period{
		Years:  times(p.Years, n, math.MaxInt),
		Months: times(p.Months, n, math.MaxInt),
		Weeks:  times(p.Weeks, n, math.MaxInt),
		Days:   times(p.Days, n, math.MaxInt),
		Exact:  times(p.Exact, n, math.MaxInt64),
	}
}

// times returns a n, or ±most where that overflows.
func times[T int | time.Duration](a T, n int, most T) T {
	if a == 0 || n == 0 {
		return 0
	}
	negative := (a < 0) != (n < 0)
	if product := a * T(n); product/T(n) == a && (product < 0) == negative {
		return product
	}
	if negative {
		return -most
	}
	return most
}

func (p Period) shift(t time.Time, loc *time.Location, sign int) time.Time {
	exact := p.Exact * time.Duration(sign)
	if !p.IsCalendar() {
		return t.Add(exact).UTC()
	}
	if days := p.Weeks*7 + p.Days; loc == time.UTC && p.Years == 0 && p.Months == 0 && days <= maxUnits {
		// UTC has no gaps: calendar days are 24 hours. The common case, kept cheap;
		// more days than maxUnits might not fit into a Duration.
		return t.Add(time.Duration(sign*days) * 24 * time.Hour).Add(exact).UTC()
	}
	local := t.In(loc)
	date := DateOf(local).add(p, sign)
	hour, minute, sec := local.Clock()
	return wall(date, hour, minute, sec, local.Nanosecond(), loc).Add(exact)
}

// AtMost returns an elapsed time that p never exceeds, wherever and whenever it
// is added. It is how far back history must be kept for a window of p.
func (p Period) AtMost() time.Duration {
	days := time.Duration(p.Years)*366 + time.Duration(p.Months)*31 +
		time.Duration(p.Weeks)*7 + time.Duration(p.Days)
	if days > math.MaxInt64/(48*time.Hour) {
		return math.MaxInt64
	}
	longest := p.Exact
	if days > 0 {
		// A zone may move by up to a day (Samoa skipped one in 2011).
		longest += days*24*time.Hour + 26*time.Hour
	}
	if longest < p.Exact {
		return math.MaxInt64
	}
	return longest
}

// String returns p in ISO 8601 form, such as "P3W", "P1Y2M" or "PT720H". The
// zero Period is "P0D".
func (p Period) String() string {
	if p.IsZero() {
		return "P0D"
	}
	var b strings.Builder
	b.WriteByte('P')
	for _, part := range []struct {
		n    int
		unit byte
	}{{p.Years, 'Y'}, {p.Months, 'M'}, {p.Weeks, 'W'}, {p.Days, 'D'}} {
		if part.n != 0 {
			b.WriteString(strconv.Itoa(part.n))
			b.WriteByte(part.unit)
		}
	}
	if p.Exact != 0 {
		b.WriteByte('T')
		writeExact(&b, p.Exact)
	}
	return b.String()
}

func writeExact(b *strings.Builder, d time.Duration) {
	if h := d / time.Hour; h != 0 {
		fmt.Fprintf(b, "%dH", h)
		d -= h * time.Hour
	}
	if m := d / time.Minute; m != 0 {
		fmt.Fprintf(b, "%dM", m)
		d -= m * time.Minute
	}
	if d == 0 {
		return
	}
	sec := strconv.FormatInt(int64(d/time.Second), 10)
	if frac := d % time.Second; frac != 0 {
		if d < 0 && d > -time.Second {
			sec = "-0"
		}
		sec += "." + strings.TrimRight(fmt.Sprintf("%09d", frac.Abs()), "0")
	}
	b.WriteString(sec + "S")
}

// MarshalText writes p in ISO 8601 form.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what [ParsePeriod] reads.
func (p *Period) UnmarshalText(text []byte) error {
	q, err := ParsePeriod(string(text))
	if err != nil {
		return err
	}
	*p = q
	return nil
}
