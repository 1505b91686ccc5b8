package customer_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
)

func TestPeriodConstructors(t *testing.T) {
	t.Parallel()
	assert.Equal(t, customer.Period{Years: 2}, customer.Years(2))
	assert.Equal(t, customer.Period{Months: 2}, customer.Months(2))
	assert.Equal(t, customer.Period{Weeks: 2}, customer.Weeks(2))
	assert.Equal(t, customer.Period{Days: 2}, customer.Days(2))
	assert.Equal(t, customer.Period{Exact: 2 * time.Hour}, customer.Hours(2))
	assert.Equal(t, customer.Period{Exact: 2 * time.Second}, customer.Exact(2*time.Second))
	assert.NotEqual(t, customer.Days(30), customer.Hours(720))
}

func TestPeriodKnowsWhetherItNeedsACalendar(t *testing.T) {
	t.Parallel()
	for _, p := range []customer.Period{customer.Years(1), customer.Months(1), customer.Weeks(1), customer.Days(1)} {
		assert.True(t, p.IsCalendar(), p)
		assert.False(t, p.IsZero(), p)
	}
	assert.False(t, customer.Hours(24).IsCalendar())
	assert.False(t, customer.Hours(24).IsZero())
	assert.False(t, customer.Period{}.IsCalendar())
	assert.True(t, customer.Period{}.IsZero())
}

// Both ways: what is printed is what is read.
var periodTexts = []struct {
	text string
	p    customer.Period
}{
	{"P0D", customer.Period{}},
	{"P1Y", customer.Years(1)},
	{"P1M", customer.Months(1)},
	{"PT1M", customer.Exact(time.Minute)},
	{"P3W", customer.Weeks(3)},
	{"P30D", customer.Days(30)},
	{"PT720H", customer.Hours(720)},
	{"P1Y2M3W4D", customer.Period{Years: 1, Months: 2, Weeks: 3, Days: 4}},
	{"P1Y2M3W4DT5H6M7.008S", customer.Period{Years: 1, Months: 2, Weeks: 3, Days: 4, Exact: 5*time.Hour + 6*time.Minute + 7*time.Second + 8*time.Millisecond}},
	{"P1DT12H", customer.Period{Days: 1, Exact: 12 * time.Hour}},
	{"PT0.5S", customer.Exact(500 * time.Millisecond)},
	{"PT0.000001S", customer.Exact(time.Microsecond)},
	{"PT10.1S", customer.Exact(10*time.Second + 100*time.Millisecond)},
	{"PT1H1S", customer.Exact(time.Hour + time.Second)},
	{"P100000D", customer.Days(100_000)},
	{"PT2562047H47M16.854775S", customer.Exact(math.MaxInt64 / 1000 * time.Microsecond)},
}

func TestPeriodTextBothWays(t *testing.T) {
	t.Parallel()
	for _, tt := range periodTexts {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.text, tt.p.String())
			got, err := customer.ParsePeriod(tt.text)
			require.NoError(t, err)
			assert.Equal(t, tt.p, got)
		})
	}
}

func TestParsePeriodReadsOtherSpellings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want customer.Period
	}{
		{"P0Y", customer.Period{}},
		{"PT0S", customer.Period{}},
		{"PT0.0S", customer.Period{}},
		{"P0DT0H", customer.Period{}},
		{"P007D", customer.Days(7)},
		{"P14M", customer.Months(14)},
		{"PT90M", customer.Exact(90 * time.Minute)},
		{"PT36H", customer.Hours(36)},
		{"PT1.500S", customer.Exact(1500 * time.Millisecond)},
		{"PT1.123456000S", customer.Exact(1_123_456_000)},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, err := customer.ParsePeriod(tt.text)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestParsePeriodIsStrict(t *testing.T) {
	t.Parallel()
	tests := []struct{ rule, text string }{
		{"nothing", ""},
		{"no length", "P"},
		{"no clock behind T", "PT"},
		{"no clock behind T, days before it", "P1DT"},
		{"no P", "3W"},
		{"T without P", "T1H"},
		{"lower case", "p3w"},
		{"lower case unit", "P3w"},
		{"no unit", "P3"},
		{"no number", "PW"},
		{"no second unit", "P3W2"},
		{"unknown unit", "P3Q"},
		{"hours before T", "P3H"},
		{"days behind T", "PT3D"},
		{"years behind T", "PT3Y"},
		{"out of order", "P1D1Y"},
		{"out of order behind T", "PT1M1H"},
		{"weeks behind days", "P1D1W"},
		{"twice", "P1D1D"},
		{"twice, months", "P1M1M"},
		{"two Ts", "PT1HT1M"},
		{"negative", "-P3W"},
		{"negative part", "P-3W"},
		{"negative hours", "PT-3H"},
		{"negative second part", "P1Y-1M"},
		{"negative fraction", "PT0.-5S"},
		{"plus sign", "+P3W"},
		{"plus part", "P+3W"},
		{"plus fraction", "PT1.+5S"},
		{"leading space", " P3W"},
		{"trailing space", "P3W "},
		{"inner space", "P3 W"},
		{"trailing newline", "P3W\n"},
		{"fraction of a day", "P1.5D"},
		{"fraction of an hour", "PT1.5H"},
		{"fraction of a minute", "PT1.5M"},
		{"comma", "PT1,5S"},
		{"no digits behind the point", "PT1.S"},
		{"no digits before the point", "PT.5S"},
		{"two points", "PT1.2.3S"},
		{"ten decimals", "PT1.0000000001S"},
		{"exponent", "PT1e3S"},
		{"underscore", "P1_000D"},
		{"hexadecimal", "P0x1D"},
		{"other digits", "P٣D"},
		{"broken UTF-8", "P1\xffD"},
		{"a zero byte", "P1\x00D"},
		{"an interval", "P1D/P2D"},
		{"a Go duration", "72h"},
		{"the alternative form", "P0001-02-03T04:05:06"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			p, err := customer.ParsePeriod(tt.text)
			require.Error(t, err)
			assert.Zero(t, p, "an error comes with the zero Period")
			assert.Contains(t, err.Error(), "period ")
		})
	}
}

func TestParsePeriodRefusesWhatOverflows(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"P100001D", "P100001W", "P100001M", "P100001Y",
		"P9223372036854775807D", "P9223372036854775808D", "P99999999999999999999999Y",
		"PT2562048H", "PT9223372036854775807H", "PT9223372037S", "PT9223372036.854775808S",
		"PT2562047H48M", "PT2562047H47M17S", "PT2562047H47M16.854775808S", "PT99999999999999999999M",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := customer.ParsePeriod(text)
			require.Error(t, err)
		})
	}
}

func TestParsePeriodErrorsStayShort(t *testing.T) {
	t.Parallel()
	_, err := customer.ParsePeriod("P" + strings.Repeat("1", 100_000) + "D")
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 200)
}

func TestEveryValidPeriodSurvivesItsText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.OneOf(rapid.Just(0), rapid.IntRange(0, 100_000))
		p := customer.Period{
			Years: parts.Draw(t, "y"), Months: parts.Draw(t, "m"), Weeks: parts.Draw(t, "w"), Days: parts.Draw(t, "d"),
			Exact: time.Duration(rapid.Int64Range(0, math.MaxInt64/1000).Draw(t, "exact")) * time.Microsecond,
		}
		require.NoError(t, p.Validate())
		got, err := customer.ParsePeriod(p.String())
		require.NoError(t, err)
		require.Equal(t, p, got)
	})
}

func FuzzParsePeriod(f *testing.F) {
	for _, tt := range periodTexts {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := customer.ParsePeriod(text)
		if err != nil {
			assert.Zero(t, p)
			return
		}
		require.NoError(t, p.Validate())
		again, err := customer.ParsePeriod(p.String())
		require.NoError(t, err)
		assert.Equal(t, p, again)
		assert.Equal(t, p.String(), again.String())
		at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
		assert.False(t, p.After(at, time.UTC).Before(at), "a length of time leads forward")
	})
}

func TestPeriodValidate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule  string
		p     customer.Period
		fault string
	}{
		{"zero is fine", customer.Period{}, ""},
		{"the largest of each is fine", customer.Period{Years: 100_000, Months: 100_000, Weeks: 100_000, Days: 100_000, Exact: math.MaxInt64 / 1000 * time.Microsecond}, ""},
		{"finer than times are kept to", customer.Exact(1), "1ns"},
		{"negative years", customer.Years(-1), "-1 years"},
		{"negative months", customer.Months(-1), "-1 months"},
		{"negative weeks", customer.Weeks(-1), "-1 weeks"},
		{"negative days", customer.Days(-1), "-1 days"},
		{"negative hours", customer.Hours(-1), "-1h0m0s"},
		{"negative beside positive", customer.Period{Months: 1, Days: -1}, "-1 days"},
		{"the least", customer.Exact(math.MinInt64), "negative"},
		{"too many years", customer.Years(100_001), "100001 years"},
		{"too many months", customer.Months(100_001), "100001 months"},
		{"too many weeks", customer.Weeks(100_001), "100001 weeks"},
		{"too many days", customer.Days(math.MaxInt), "days"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			if tt.fault == "" {
				require.NoError(t, tt.p.Validate())
				return
			}
			require.ErrorContains(t, tt.p.Validate(), tt.fault)
		})
	}
}

func TestNegativePeriodsPrintButDoNotRead(t *testing.T) {
	t.Parallel()
	for text, p := range map[string]customer.Period{
		"P-3D":                          customer.Days(-3),
		"PT-1H-30M":                     customer.Exact(-90 * time.Minute),
		"PT-0.5S":                       customer.Exact(-500 * time.Millisecond),
		"PT-1.5S":                       customer.Exact(-1500 * time.Millisecond),
		"PT-2562047H-47M-16.854775808S": customer.Exact(math.MinInt64),
	} {
		assert.Equal(t, text, p.String())
		_, err := customer.ParsePeriod(text)
		require.Error(t, err, text)
	}
}

func TestHoursAndTimesNeverWrapRound(t *testing.T) {
	t.Parallel()
	assert.Equal(t, customer.Hours(2_562_047), customer.Exact(2_562_047*time.Hour))
	assert.Equal(t, customer.Exact(math.MaxInt64), customer.Hours(2_562_048))
	assert.Equal(t, customer.Exact(math.MaxInt64), customer.Hours(math.MaxInt))
	assert.Equal(t, customer.Exact(math.MaxInt64), customer.Hours(5_124_096), "which would wrap to a positive time")
	require.Error(t, customer.Hours(math.MinInt).Validate())

	assert.Equal(t, customer.Exact(math.MaxInt64), customer.Hours(24).Times(math.MaxInt))
	assert.Equal(t, customer.Days(math.MaxInt), customer.Days(3).Times(math.MaxInt))
	require.Error(t, customer.Days(3).Times(math.MaxInt).Validate())
	require.Error(t, customer.Days(3).Times(math.MinInt).Validate())
	assert.Equal(t, customer.Days(math.MaxInt), customer.Days(math.MinInt).Times(-1))
}

func TestTimesMultipliesEveryPart(t *testing.T) {
	t.Parallel()
	p := customer.Period{Years: 1, Months: 2, Weeks: 3, Days: 4, Exact: 5}
	assert.Equal(t, customer.Period{Years: 3, Months: 6, Weeks: 9, Days: 12, Exact: 15}, p.Times(3))
	assert.Equal(t, customer.Period{Years: -1, Months: -2, Weeks: -3, Days: -4, Exact: -5}, p.Times(-1))
	assert.Equal(t, p, p.Times(1))
	assert.Zero(t, p.Times(0))
	assert.Zero(t, customer.Period{}.Times(1_000))
}

func TestPeriodInJSON(t *testing.T) {
	t.Parallel()
	type definition struct {
		Wait  customer.Period            `json:"wait"`
		After map[customer.Period]string `json:"after,omitempty"`
	}
	in := definition{customer.Period{Weeks: 3, Exact: 90 * time.Minute}, map[customer.Period]string{customer.Days(7): "remind"}}
	text, err := json.Marshal(in)
	require.NoError(t, err)
	assert.JSONEq(t, `{"wait":"P3WT1H30M","after":{"P7D":"remind"}}`, string(text))

	var out definition
	require.NoError(t, json.Unmarshal(text, &out))
	assert.Equal(t, in, out)

	kept := definition{Wait: customer.Days(1)}
	for _, bad := range []string{`{"wait":"3 weeks"}`, `{"wait":""}`, `{"wait":3}`, `{"wait":"P-1D"}`} {
		require.Error(t, json.Unmarshal([]byte(bad), &kept), bad)
		assert.Equal(t, customer.Days(1), kept.Wait, "an error leaves what was there")
	}
}
