package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// parseAmount reads a decimal number of currency units, such as "11.77", as
// minor units, exactly.
func parseAmount(s string) (int64, error) { return parseDecimal("amount", s, 2) }

// parsePrice reads such a number as thousandths of a unit.
func parsePrice(s string) (int64, error) { return parseDecimal("price", s, 3) }

// parseDecimal reads a decimal number as that of units of so many places.
func parseDecimal(what, s string, places int) (int64, error) {
	whole, frac, point := strings.Cut(s, ".")
	switch {
	case strings.HasPrefix(s, "-"):
		return 0, fmt.Errorf("%s %.40q is negative; the log holds purchases only", what, s)
	case !digits(whole) || (point && !digits(frac)):
		return 0, fmt.Errorf("%s %.40q is no decimal number such as 11.77", what, s)
	}
	frac = strings.TrimRight(frac, "0")
	if len(frac) > places {
		return 0, fmt.Errorf("%s %.40q has more than %d decimals, which are not counted", what, s, places)
	}
	frac += strings.Repeat("0", places-len(frac))
	var units int64
	for _, digit := range whole + frac {
		d := int64(digit - '0')
		if units > (math.MaxInt64-d)/10 {
			return 0, fmt.Errorf("%s %.40q is larger than can be counted", what, s)
		}
		units = units*10 + d
	}
	return units, nil
}

// digits reports whether s is one decimal digit or more.
func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// formatAmount is the reverse of parseAmount.
func formatAmount(minor int64) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }

const (
	dashedDay = "2006-01-02"
	plainDay  = "20060102"
	timeForms = "1997-01-31, 19970131, 1997-01-31 15:04 or, with a zone, 1997-01-31T15:04:05Z"
)

// parsePlainDay reads a day as CDNOW writes it.
func parsePlainDay(s string) (time.Time, error) {
	t, err := time.Parse(plainDay, s)
	if err != nil {
		return t, fmt.Errorf("date %.40q is no day such as 19970131", s)
	}
	return t, nil
}

// parseTime reads a day or an instant in any of the forms that a CSV log may
// use, in UTC where it names no zone.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{dashedDay, plainDay, "2006-01-02 15:04", time.DateTime, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("date %.40q is not written as "+timeForms, s)
}

// parseCount reads a number of pieces.
func parseCount(s string) (int64, error) {
	if !digits(s) || len(s) > 9 {
		return 0, fmt.Errorf("quantity %.40q is no number such as 2", s)
	}
	return strconv.ParseInt(s, 10, 64)
}
