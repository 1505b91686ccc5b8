package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		args   []string
		stdin  string
		code   int
		stderr string
	}{
		{"no flags", nil, "", 2, "-purchases is missing, and so is -activities"},
		{"unknown flag", []string{"-x"}, "", 2, "Usage of replay"},
		{"stray argument", []string{"-purchases", "-", "more"}, "", 2, `unexpected argument "more"`},
		{"bad day", []string{"-purchases", "-", "-until", "30.06.1998"}, "", 2, "Usage of replay"},
		{"two files on one input", []string{"-purchases", "-", "-activities", "-"}, "", 2, "only one file can be read from standard input"},
		{"help", []string{"-h"}, "", 0, "-store STORE\n"},
		{"no such file", []string{"-purchases", "testdata/none"}, "", 1, "replay: testdata/none: no such file"},
		{"bad line", []string{"-purchases", "-"}, "1 19970101 1 5.00\n1 19970101 1 five\n", 1, `replay: -: line 2: amount "five" is no decimal number`},
		{
			"an ID used for something else",
			[]string{"-purchases", "-"},
			"customer,date,amount,id\nann,1997-01-01,5,o-1\nann,1997-01-01,6,o-1\n", 1,
			"line 3: the engine refuses it",
		},
		{
			"nobody is called like that",
			[]string{"-purchases", "-"},
			"customer,date,amount\n" + strings.Repeat("x", 300) + ",1997-01-01,5\n", 1,
			"replay: -: line 2: purchase \"replay-row-0000000001\": Customer has 300 bytes",
		},
		{
			"a total that overflows",
			[]string{"-purchases", "-"},
			"customer,date,amount\nann,1997-01-01,92233720368547758.07\nann,1997-01-02,1\n", 1,
			"line 3: the engine refuses it",
		},
		{
			"a grand total that overflows",
			[]string{"-purchases", "-"},
			"customer,date,amount\nann,1997-01-01,92233720368547758.07\nbob,1997-01-02,1\n", 1,
			"the total is larger than can be counted",
		},
	} {
		code, stdout, stderr := runWith(t, []byte(row.stdin), row.args...)
		assert.Equal(t, row.code, code, row.name)
		assert.Contains(t, stderr, row.stderr, row.name)
		assert.Empty(t, stdout, row.name)
	}
}

// jsonReport plays a log from standard input.
func jsonReport(t *testing.T, log string, args ...string) report {
	t.Helper()
	code, stdout, stderr := runWith(t, []byte(log), append([]string{"-purchases", "-", "-json"}, args...)...)
	require.Zero(t, code, stderr)
	require.Empty(t, stderr, "there is no progress bar where there is no terminal")
	var r report
	require.NoError(t, json.Unmarshal([]byte(stdout), &r))
	return r
}

func TestKeys(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := runWith(t, []byte("1 19970101 1 5.00\n"), "-purchases", "-", "-json")
	require.Zero(t, code, stderr)
	var r map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(stdout), &r))
	for _, key := range []string{
		"until", "customers", "purchases", "activities", "total_minor", "stages", "segments", "events", "deliveries", "wakeups",
		"seconds", "peak_heap_bytes",
	} {
		assert.Contains(t, r, key)
		delete(r, key)
	}
	assert.Empty(t, r)
}

// Rows that look alike are purchases of their own; a row that comes again with
// its ID is not.
func TestAlikeRows(t *testing.T) {
	t.Parallel()
	r := jsonReport(t, "customer,date,amount,id\nann,1997-01-01,5,\nann,1997-01-01,5,\nann,1997-01-01,7,o-1\nann,1997-01-01,7,o-1\n")
	assert.Equal(t, 3, r.Purchases)
	assert.EqualValues(t, 17_00, r.TotalMinor)
	assert.Equal(t, 1, r.Customers)
}

// The state is that of the end of the day: what is due at nine has been done,
// what is due at the midnight after has not.
func TestUntil(t *testing.T) {
	t.Parallel()
	const log = "ann 19970101 1 5.00\nbob 19970103 1 5.00\n"
	stage := func(until string) map[string]int {
		got := make(map[string]int)
		for stage, n := range jsonReport(t, log, "-until", until).Stages["music"] {
			if n > 0 {
				got[stage] = n
			}
		}
		return got
	}
	assert.Equal(t, map[string]int{}, stage("1996-12-31"))
	assert.Equal(t, map[string]int{"thanks": 1}, stage("1997-01-01"))
	assert.Equal(t, map[string]int{"thanks": 1}, stage("1997-01-02"))
	assert.Equal(t, map[string]int{"thanks": 1, "listening": 1}, stage("1997-01-03"), "at nine on the third")
	assert.Equal(t, map[string]int{"listening": 2}, stage("1997-01-05"))
	assert.Equal(t, map[string]int{"due": 1, "news": 1}, stage("1997-02-01"), "a month after")
	assert.Equal(t, map[string]int{"lost": 2}, stage("1998-12-31"))

	asleep := func(until string) int { return jsonReport(t, log, "-until", until).Segments["asleep"] }
	assert.Equal(t, 0, asleep("1997-06-30"))
	assert.Equal(t, 1, asleep("1997-07-01"), "six months after midnight is the first instant of the day")
	assert.Equal(t, "1997-01-03", jsonReport(t, log).Until, "the last day of the log")
}

func TestBar(t *testing.T) {
	t.Parallel()
	f, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	defer f.Close()
	assert.Nil(t, newBar(f, 10).w, "a file is no terminal")

	b := &bar{w: f, total: 200, percent: -1}
	for _, done := range []int{0, 1, 100, 200} {
		b.show(done)
	}
	b.clear()
	drawn, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	assert.Equal(t, "\r[                                        ]   0 %"+
		"\r[====================                    ]  50 %"+
		"\r[========================================] 100 %"+
		"\r                                                \r", string(drawn))
}
