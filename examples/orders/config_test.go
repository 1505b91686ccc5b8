package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestArguments(t *testing.T) {
	t.Parallel()
	faulty := filepath.Join(t.TempDir(), "faulty.json")
	require.NoError(t, os.WriteFile(faulty, []byte(`{"version": 2}`), 0o600))
	for _, row := range []struct {
		args string
		code int
		says string
	}{
		{"", 2, "say what to do: serve, work or both"},
		{"-h", 0, "Usage of orders"},
		{"sleep", 2, `"sleep" is neither serve nor work`},
		{"serve serve", 2, "is said twice"},
		{"serve -x", 2, "Usage of orders"},
		{"serve -listen :0 work", 2, `unexpected argument "work"`},
		{"serve -webhook http://localhost", 2, "-webhook is for work alone"},
		{"serve -lease 1s", 2, "-lease is for work alone"},
		{"work -listen :0", 2, "-listen is for serve alone"},
		{"work -deadline 1s", 2, "-deadline is for serve alone"},
		{"serve -deadline 0s", 2, "-deadline 0s is too short"},
		{"work -lease 1ms", 2, "-lease 1ms is too short"},
		{"work -lease 10s -timeout 6s", 2, "-timeout 6s is not from 1ms to half of -lease, 10s"},
		{"work -timeout -1s", 2, "-timeout -1s is not from 1ms"},
		{"work -lease 10s -slow 3s", 2, "-slow 3s is negative, or not less than -timeout, 2.5s"},
		{"work -slow -1s", 2, "-slow -1s is negative"},
		{"work -slow 1s -webhook http://localhost", 2, "there is a -webhook"},
		{"serve -timeout 1s", 2, "-timeout is for work alone"},
		{"work -definitions none.json", 1, "none.json: no such file"},
		{"work -definitions " + faulty, 1, "is 2; this library reads version 1"},
		{"work -db host=" + t.TempDir(), 1, "failed to connect"},
		{"work -db port=x", 1, "cannot parse"},
	} {
		var stderr bytes.Buffer
		assert.Equal(t, row.code, run(t.Context(), strings.Fields(row.args), &stderr), row.args)
		assert.Contains(t, stderr.String(), row.says, row.args)
	}
}

func TestConfig(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://shop:opensesame@localhost/shop")
	var stderr bytes.Buffer
	cfg, err := parseConfig([]string{"serve", "work"}, &stderr)
	require.NoError(t, err)
	assert.Equal(t, config{
		roles: []string{"serve", "work"}, db: os.Getenv("DATABASE_URL"), listen: "localhost:8080", deadline: 10 * time.Second, lease: time.Minute, timeout: 15 * time.Second,
	}, cfg)
	cfg, err = parseConfig([]string{"work", "-db", "dbname=x", "-schema", "s", "-webhook", "u", "-lease", "2s", "-timeout", "1s", "-definitions", "d"}, &stderr)
	require.NoError(t, err)
	assert.Equal(t, config{
		roles: []string{"work"}, db: "dbname=x", schema: "s", definitions: "d", listen: "localhost:8080", deadline: 10 * time.Second, webhook: "u", lease: 2 * time.Second, timeout: time.Second,
	}, cfg)
	_, err = parseConfig([]string{"-h"}, &stderr)
	require.Error(t, err)
	assert.NotContains(t, stderr.String(), "opensesame")
}

// Both files of definitions are sound, and one is the other with a second for a day.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	days, err := readDefinitions("")
	require.NoError(t, err)
	seconds, err := readDefinitions("seconds.json")
	require.NoError(t, err)
	require.Len(t, seconds.Pipelines, 1)
	for i, stage := range days.Pipelines[0].Stages {
		assert.Equal(t, stage.ID, seconds.Pipelines[0].Stages[i].ID)
	}
	require.Len(t, seconds.Triggers, len(days.Triggers))
	for i := range days.Triggers {
		assert.Equal(t, days.Triggers[i].ID, seconds.Triggers[i].ID)
	}
}
