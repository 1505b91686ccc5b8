package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// realLog returns the path of a log that lies beside the repository.
func realLog(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the real purchases in %s are not here, so they are not played: %v", path, err)
	}
	return path
}

// playFile plays a log and returns what the program printed, and that parsed.
func playFile(t *testing.T, path, until string) ([]byte, report) {
	t.Helper()
	printed := replayed(t, "-purchases", path, "-until", until, "-json")
	// The lines of time and memory were the last, and have left a comma.
	object := strings.TrimSuffix(string(printed), ",\n}\n") + "}"
	var r report
	require.NoError(t, json.Unmarshal([]byte(object), &r))
	return printed, r
}

// matches compares a report with the naive model's, as far as that goes.
func matches(t *testing.T, want, got report) {
	t.Helper()
	assert.Equal(t, want.Until, got.Until)
	assert.Equal(t, want.Customers, got.Customers)
	assert.Equal(t, want.Purchases, got.Purchases)
	assert.Equal(t, want.TotalMinor, got.TotalMinor)
	assert.Equal(t, want.Stages, got.Stages)
	assert.Equal(t, want.Segments, got.Segments)
	for kind, n := range want.Events {
		assert.Equal(t, n, got.Events[kind], kind)
	}
}

func TestCDNOWMaster(t *testing.T) {
	path := realLog(t, "cdnow_master.txt")
	if testing.Short() || underRace {
		t.Skip("69,659 purchases, twice, take minutes under the race detector; the sample is played there")
	}
	var printed [2][]byte
	var r report
	t.Run("twice", func(t *testing.T) {
		for i := range printed {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				var got report
				if printed[i], got = playFile(t, path, "1998-06-30"); i == 0 {
					r = got
				}
			})
		}
	})
	assert.Equal(t, string(printed[0]), string(printed[1]), "two runs print the same")
	assert.Equal(t, 69_659, r.Purchases, "none is swallowed")
	assert.Equal(t, 23_570, r.Customers)
	assert.EqualValues(t, 2_500_315_63, r.TotalMinor)
	assert.NotContains(t, r.Events, "rules_unsettled")
	assert.NotContains(t, r.Events, "step_failed")
	assert.NotContains(t, r.Events, "delivery_dead")

	until := time.Date(1998, 6, 30, 0, 0, 0, 0, time.UTC)
	matches(t, naiveReport(t, naiveCustomers(t, path, 0, 1, until), until), r)
}

func TestCDNOWSample(t *testing.T) {
	t.Parallel()
	path := realLog(t, "cdnow_sample.txt")
	for _, day := range []string{"1997-01-31", "1997-08-31", "1998-06-30", "2000-02-29"} {
		until, err := time.Parse("2006-01-02", day)
		require.NoError(t, err)
		_, r := playFile(t, path, day)
		matches(t, naiveReport(t, naiveCustomers(t, path, 0, 2, until), until), r)
		if day == "1998-06-30" { // the last in the log
			assert.Equal(t, 6_919, r.Purchases)
			assert.Equal(t, 2_357, r.Customers)
			assert.EqualValues(t, 244_091_94, r.TotalMinor)
		}
	}
}
