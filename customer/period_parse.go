package customer

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParsePeriod reads an ISO 8601 duration: "P" with whole years (Y), months (M),
// weeks (W) and days (D), then optionally "T" with whole hours (H), minutes (M)
// and seconds (S, with up to nine decimals), in that order, each at most once.
// The part behind T is exact time, the part before it is calendar time. Signs,
// fractions of anything but seconds, and an empty "P" or "T" are errors.
func ParsePeriod(s string) (Period, error) {
	p, err := parsePeriod(s)
	if err != nil {
		return Period{}, fmt.Errorf("period %.40q: %w", s, err)
	}
	if err := p.Validate(); err != nil {
		return Period{}, fmt.Errorf("period %.40q: %w", s, err)
	}
	return p, nil
}

func parsePeriod(s string) (Period, error) {
	rest, ok := strings.CutPrefix(s, "P")
	if !ok {
		return Period{}, fmt.Errorf("does not begin with P, as in P3W or PT12H")
	}
	date, clock, hasClock := strings.Cut(rest, "T")
	if (date == "" && !hasClock) || (hasClock && clock == "") {
		return Period{}, fmt.Errorf("has no length, as in P3W or PT12H")
	}
	var p Period
	days := [4]int{}
	if err := eachPart(date, "YMWD", func(i int, digits string) error {
		n, err := strconv.Atoi(digits)
		days[i] = n
		return err
	}); err != nil {
		return Period{}, err
	}
	p.Years, p.Months, p.Weeks, p.Days = days[0], days[1], days[2], days[3]
	units := [3]time.Duration{time.Hour, time.Minute, time.Second}
	err := eachPart(clock, "HMS", func(i int, digits string) error {
		d, err := exactPart(digits, units[i])
		if err != nil || p.Exact+d < p.Exact {
			return fmt.Errorf("%s is not a length of time this library can count", digits)
		}
		p.Exact += d
		return nil
	})
	return p, err
}

// eachPart splits s into numbers followed by one of units, in the order of
// units, and calls take with the place of the unit.
func eachPart(s, units string, take func(i int, digits string) error) error {
	next := 0
	for s != "" {
		n := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if n <= 0 {
			return fmt.Errorf("expected a number and one of %s in order", strings.Join(strings.Split(units, ""), ", "))
		}
		i := strings.IndexByte(units[next:], s[n])
		if i < 0 {
			return fmt.Errorf("%q is out of order or unknown here; the order is %s", s[n], units)
		}
		i += next
		if strings.Contains(s[:n], ".") && units[i] != 'S' {
			return fmt.Errorf("only seconds may have a fraction")
		}
		if err := take(i, s[:n]); err != nil {
			return fmt.Errorf("bad number before %q", s[n])
		}
		next, s = i+1, s[n+1:]
	}
	return nil
}

// exactPart returns digits units, where digits may have nine decimals.
func exactPart(digits string, unit time.Duration) (time.Duration, error) {
	whole, frac, hasFrac := strings.Cut(digits, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > int64(1<<63-1)/int64(unit) {
		return 0, fmt.Errorf("bad number %q", digits)
	}
	d := time.Duration(n) * unit
	if !hasFrac {
		return d, nil
	}
	if frac == "" || len(frac) > 9 {
		return 0, fmt.Errorf("bad fraction %q", digits)
	}
	nanos, err := strconv.Atoi(frac + strings.Repeat("0", 9-len(frac)))
	if err != nil {
		return 0, err
	}
	if d+time.Duration(nanos) < d {
		return 0, fmt.Errorf("bad number %q", digits)
	}
	return d + time.Duration(nanos), nil
}
