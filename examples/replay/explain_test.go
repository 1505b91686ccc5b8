package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	defs := written(t, "defs.json", `{"version": 1, "segments": [{"id": "slow", "enter": {"purchase_interval":
		{"measure": "mean_interval", "is": {"more": "P10D"}}}}]}`)
	const log = "customer,date,amount,id\nann/mr,1997-01-01,5,o-1\nann/mr,1997-01-05,5,o-2\nbob,1997-01-05,1,o-3\n"

	r := jsonReport(t, log, "-definitions", defs, "-explain", "ann/mr/slow", "-explain", "bob/slow", "-until", "1997-01-31")
	require.Len(t, r.Explanations, 2)
	assert.Equal(t, "ann/mr", r.Explanations[0].Customer)
	assert.Equal(t, "slow", r.Explanations[0].Segment)
	assert.False(t, r.Explanations[0].Member)
	assert.Equal(t, "P4D", r.Explanations[0].Enter.Has)
	assert.Equal(t, time.Date(1997, 1, 31, 23, 59, 59, 999_999_000, time.UTC), r.Explanations[0].At)
	assert.Equal(t, "bob", r.Explanations[1].Customer)
	assert.Empty(t, r.Explanations[1].Enter.Has, "one purchase makes no interval")
	assert.Nil(t, jsonReport(t, log, "-definitions", defs).Explanations)
}

// What is asked about people or segments that are not there is an error before
// anything is played.
func TestExplainRefuses(t *testing.T) {
	t.Parallel()
	const log = "customer,date,amount\nann,1997-01-01,5\nbob,1997-01-05,1\n"
	for _, row := range []struct {
		asked  string
		code   int
		stderr string
	}{
		{"ann", 2, `invalid value "ann" for flag -explain: is no CUSTOMER/SEGMENT`},
		{"/vip", 2, `is no CUSTOMER/SEGMENT`},
		{"ann/", 2, `is no CUSTOMER/SEGMENT`},
		{"ann/vips", 1, `replay: -explain ann/vips: no segment "vips" is defined`},
		{"eve/vip", 1, `replay: -explain eve/vip: there is no customer "eve" in the logs up to 1997-01-02`},
		{"bob/vip", 1, `replay: -explain bob/vip: there is no customer "bob" in the logs up to 1997-01-02`},
	} {
		code, stdout, stderr := runWith(t, []byte(log), "-purchases", "-", "-until", "1997-01-02", "-explain", row.asked)
		assert.Equal(t, row.code, code, row.asked)
		assert.Contains(t, stderr, row.stderr)
		assert.Empty(t, stdout, row.asked)
	}
}
