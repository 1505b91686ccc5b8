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

	"github.com/regulars-go/regulars/customer"
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
	t.Parallel()
	path := realLog(t, "cdnow_master.txt")
	if sampling() {
		t.Skip("69,659 purchases take minutes under the race detector; the sample is played there")
	}
	_, r := playFile(t, path, "1998-06-30")
	assert.Equal(t, 69_659, r.Purchases, "none is swallowed")
	assert.Equal(t, 23_570, r.Customers)
	assert.EqualValues(t, 2_500_315_63, r.TotalMinor)
	assert.NotContains(t, r.Events, "rules_unsettled")
	assert.NotContains(t, r.Events, "step_failed")
	assert.NotContains(t, r.Events, "delivery_dead")

	until := time.Date(1998, 6, 30, 0, 0, 0, 0, time.UTC)
	matches(t, naiveReport(t, naiveCustomers(rawCDNOW(t, path, 0, 1), until), until), r)
}

func TestCDNOWSample(t *testing.T) {
	t.Parallel()
	path := realLog(t, "cdnow_sample.txt")
	raw := rawCDNOW(t, path, 0, 2)
	days := []string{"1997-01-31", "1997-08-31", "2000-02-29"}
	if sampling() {
		days = append(days, "1998-06-30") // the last in the log; TestCDNOWMaster is not there to play it
	}
	for _, day := range days {
		until, err := time.Parse("2006-01-02", day)
		require.NoError(t, err)
		printed, r := playFile(t, path, day)
		matches(t, naiveReport(t, naiveCustomers(raw, until), until), r)
		switch day {
		case "1997-01-31":
			again, _ := playFile(t, path, day)
			assert.Equal(t, string(printed), string(again), "two runs print the same")
		case "2000-02-29": // after all of the log
			assert.Equal(t, 6_919, r.Purchases)
			assert.Equal(t, 2_357, r.Customers)
			assert.EqualValues(t, 244_091_94, r.TotalMinor)
		}
	}
}

// The figures of the invoices are those that shared/data/README.md tells.
func TestRetail(t *testing.T) {
	t.Parallel()
	skipUnderRace(t)
	h := retail.logs(t)
	assert.Len(t, h.entries, 18_532)
	assert.Equal(t, map[string]int{noCustomer: 135_080, cancelled: 8_905, noQuantity: 0, noPrice: 40}, h.leftOut)
	items, customers := 0, make(map[string]customer.Totals)
	for _, e := range h.entries {
		p := e.input.(customer.Purchase)
		items += len(p.Items)
		totals := customers[p.Customer]
		require.True(t, totals.Add(&p))
		customers[p.Customer] = totals
	}
	assert.Equal(t, 397_884, items)
	assert.Len(t, customers, 4_338)
	var total int64
	for _, c := range customers {
		total += c.Total
	}
	assert.EqualValues(t, 8_911_407_90, total)
	for id, want := range map[string]struct {
		days, invoices int
		money          int64
	}{"12346": {326, 1, 77183_60}, "12347": {3, 7, 4310_00}, "12748": {1, 209, 33719_73}, "14646": {2, 73, 280206_02}} {
		got := customers[id]
		assert.Equal(t, want.days, int(time.Date(2011, 12, 10, 0, 0, 0, 0, time.UTC).Sub(dayOf(got.Last))/day), id)
		assert.Equal(t, want.invoices, got.Count, id)
		assert.Equal(t, want.money, got.Total, id)
	}
}
