package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/pipeline"
)

// written puts a text into a file and returns the file's path.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// The shop's definitions are in canonical form but for their layout: nothing is
// said that need not be.
func TestShop(t *testing.T) {
	t.Parallel()
	defs, err := pipeline.ParseDefinitions(shop)
	require.NoError(t, err)
	canonical, err := json.Marshal(defs)
	require.NoError(t, err)
	assert.JSONEq(t, string(canonical), string(shop))
	assert.Equal(t,
		string(replayed(t, "-purchases", "testdata/log.csv")),
		string(replayed(t, "-purchases", "testdata/log.csv", "-definitions", "shop.json")),
		"they are what is played where none are named")
}

// What is reported is what is defined, and nothing else.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	path := written(t, "defs.json", `{"version": 1, "segments": [
		{"id": "spent fifty or more in all", "enter": {"purchases": {"measure": "total", "is": {"at_least": 5000}}}}
	]}`)
	const log = "customer,date,amount\nann,1997-01-31,50\nbob,1997-01-31,49.99\n"
	code, stdout, stderr := runWith(t, []byte(log), "-purchases", "-", "-definitions", path)
	require.Zero(t, code, stderr)
	assert.True(t, strings.HasPrefix(stdout, `State at the end of 1997-01-31
  customers                             2
  purchases                             2
  total                             99.99
  activities                            0

Members per segment
  spent fifty or more in all            1

Events by kind
  customer_added                        2
  purchase                              2
  segment_entered                       1

The run
`), stdout)

	r := jsonReport(t, log, "-definitions", path)
	assert.Equal(t, map[string]int{"spent fifty or more in all": 1}, r.Segments)
	assert.Empty(t, r.Stages)
	assert.Empty(t, r.Deliveries)
}

// Faults of the definitions are told with file, line and place, all of them, and
// before anything is played.
func TestFaultyDefinitions(t *testing.T) {
	t.Parallel()
	path := written(t, "defs.json", `{
		"version": 1,
		"segments": [
			{"id": "a", "enter": {"segment": "b"}},
			{"id": "a", "enter": {"weekday": ["monday"]}}
		]
	}`)
	code, stdout, stderr := runWith(t, nil, "-purchases", "testdata/none", "-definitions", path)
	assert.Equal(t, 1, code)
	assert.Empty(t, stdout)
	told := strings.Split(strings.TrimSpace(stderr), "\n")
	require.Len(t, told, 2, stderr)
	for _, fault := range []string{path + `: line 4: segments[0].enter.segment: `, path + `: line 5: segments[1].id: `} {
		assert.Contains(t, stderr, fault)
	}
	code, _, stderr = runWith(t, []byte("{\n}}"), "-purchases", "testdata/log.csv", "-definitions", "-")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "replay: -: line 2: document: ")
}
