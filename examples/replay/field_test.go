package main

import (
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		in    string
		minor int64
		fault string
	}{
		{in: "11.77", minor: 1177},
		{in: "12", minor: 1200},
		{in: "0.00"},
		{in: "0.5", minor: 50},
		{in: "007.10", minor: 710},
		{in: "12.500", minor: 1250},
		{in: "4.35", minor: 435}, // float64 makes 434 of it
		{in: "136.98", minor: 13698},
		{in: "92233720368547758.07", minor: 1<<63 - 1},
		{in: "92233720368547758.08", fault: "larger than can be counted"},
		{in: "12.345", fault: "has more than 2 decimals"},
		{in: "-1.00", fault: "negative"},
		{in: "", fault: "no decimal number"},
		{in: ".", fault: "no decimal number"},
		{in: ".50", fault: "no decimal number"},
		{in: "5.", fault: "no decimal number"},
		{in: "1,000.00", fault: "no decimal number"},
		{in: "1e3", fault: "no decimal number"},
		{in: "+1", fault: "no decimal number"},
		{in: " 1", fault: "no decimal number"},
		{in: "1.2.3", fault: "no decimal number"},
		{in: "NaN", fault: "no decimal number"},
		{in: "१", fault: "no decimal number"},
	} {
		minor, err := parseAmount(row.in)
		if row.fault != "" {
			assert.ErrorContains(t, err, row.fault, "%q", row.in)
			continue
		}
		require.NoError(t, err, "%q", row.in)
		assert.Equal(t, row.minor, minor, "%q", row.in)
	}
}

// An amount that is read is exactly the decimal number that was written; one
// that is not read is no such number, too fine or too large.
func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"11.77", "0", "12.500", "92233720368547758.08", "-1", ".5", "1e3", "0x1p4", "1_0"} {
		f.Add(s)
	}
	plain := regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 100 {
			return
		}
		minor, err := parseAmount(s)
		want, ok := new(big.Rat).SetString(s)
		ok = ok && plain.MatchString(s)
		if ok {
			want.Mul(want, big.NewRat(100, 1))
			ok = want.IsInt() && want.Num().IsInt64()
		}
		require.Equal(t, ok, err == nil, "%q: %v", s, err)
		if ok {
			require.Equal(t, want.Num().Int64(), minor, "%q", s)
			again, err := parseAmount(formatAmount(minor))
			require.NoError(t, err)
			require.Equal(t, minor, again)
		}
	})
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1997-01-31":                       "1997-01-31T00:00:00Z",
		"19970131":                         "1997-01-31T00:00:00Z",
		"1997-01-31 15:04":                 "1997-01-31T15:04:00Z",
		"1997-01-31 15:04:05":              "1997-01-31T15:04:05Z",
		"1997-01-31T15:04:05Z":             "1997-01-31T15:04:05Z",
		"1997-01-31T23:30:00-05:00":        "1997-02-01T04:30:00Z",
		"1997-01-31T15:04:05.123456+01:00": "1997-01-31T14:04:05.123456Z",
	} {
		got, err := parseTime(in)
		require.NoError(t, err, "%q", in)
		assert.Equal(t, want, got.Format(time.RFC3339Nano), "%q", in)
	}
	for _, in := range []string{"", "1997-02-29", "19970229", "31.01.1997", "1997-01-31 25:04", "1997-01-31T15:04", "1997-1-3", "tomorrow", strings.Repeat("9", 1000)} {
		_, err := parseTime(in)
		assert.ErrorContains(t, err, "is not written as", "%q", in)
		assert.Less(t, len(err.Error()), 200, "a long value is cut short")
	}
}
