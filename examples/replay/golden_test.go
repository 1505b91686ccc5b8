package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store/postgres/postgrestest"
)

// TestMain collects garbage less often: there is memory enough, and the real logs
// are played in half the time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(postgrestest.Main(m))
}

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file, or writes the file where -update is given.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "if that is meant, run go test -update and read the diff of %s", path)
}

// timeAndMemory are the lines that differ from run to run.
var timeAndMemory = regexp.MustCompile(`(?m)^.*(wall time|peak heap|"seconds"|"peak_heap_bytes").*\n`)

// replayed runs the program and returns what it printed, but for the lines of
// time and memory.
func replayed(t *testing.T, args ...string) []byte {
	t.Helper()
	code, stdout, stderr := runWith(t, nil, args...)
	require.Zero(t, code, stderr)
	require.Len(t, timeAndMemory.FindAllString(stdout, -1), 2, stdout)
	return timeAndMemory.ReplaceAll([]byte(stdout), nil)
}

// runWith runs the program on an input and returns its exit code and output.
func runWith(t *testing.T, stdin []byte, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	errFile, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	defer errFile.Close()
	var out bytes.Buffer
	code = run(context.Background(), args, bytes.NewReader(stdin), &out, errFile)
	written, err := os.ReadFile(errFile.Name())
	require.NoError(t, err)
	return code, out.String(), string(written)
}

func TestGolden(t *testing.T) {
	golden(t, "report.txt.golden", replayed(t, "-purchases", "testdata/log.csv"))
	golden(t, "report.json.golden", replayed(t, "-purchases", "testdata/log.csv", "-json", "-until", "1998-12-31"))
	golden(t, "explained.txt.golden", replayed(t, "-purchases", "testdata/log.csv",
		"-explain", "ann/vip", "-explain", "bob/vip-asleep", "-explain", "dora/regular"))
}
