package main

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// parseAmount reads a decimal number of currency units, such as "11.77", as
// minor units, exactly.
func parseAmount(s string) (int64, error) {
	whole, frac, point := strings.Cut(s, ".")
	switch {
	case strings.HasPrefix(s, "-"):
		return 0, fmt.Errorf("amount %.40q is negative; the log holds purchases only", s)
	case !digits(whole) || (point && !digits(frac)):
		return 0, fmt.Errorf("amount %.40q is no decimal number such as 11.77", s)
	}
	frac = strings.TrimRight(frac, "0")
	if len(frac) > 2 {
		return 0, fmt.Errorf("amount %.40q is finer than a hundredth, the smallest unit there is", s)
	}
	frac += "00"[len(frac):]
	var minor int64
	for _, digit := range whole + frac {
		d := int64(digit - '0')
		if minor > (math.MaxInt64-d)/10 {
			return 0, fmt.Errorf("amount %.40q is larger than can be counted", s)
		}
		minor = minor*10 + d
	}
	return minor, nil
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
// use.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{dashedDay, plainDay, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("date %.40q is none of 1997-01-31, 19970131 and 1997-01-31T15:04:05Z", s)
}

// parseCount reads a number of pieces.
func parseCount(s string) (int64, error) {
	if !digits(s) || len(s) > 9 {
		return 0, errors.New("the number of CDs is no number such as 2")
	}
	var n int64
	for _, digit := range s {
		n = n*10 + int64(digit-'0')
	}
	return n, nil
}
