package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden file anew")

func TestPlay(t *testing.T) {
	const path = "testdata/play.golden"
	var got bytes.Buffer
	require.NoError(t, play(context.Background(), &got))
	if *update {
		require.NoError(t, os.WriteFile(path, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String(), "if that is meant, run go test -update and read the diff of %s", path)
}
