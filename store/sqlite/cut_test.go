package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/sqlite"
)

// TestCutOffAtAnyByte takes the files as they would be if the power had failed
// while a method was writing, at one point after the other: what it did is there,
// all of it, or it never was.
func TestCutOffAtAnyByte(t *testing.T) {
	t.Parallel()
	path := inDir(t)
	s := modernc(t, path)
	require.NoError(t, s.Commit(t.Context(), olga()))
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"commit", func() error {
			igor, again := olga(), olga()
			igor.Record.Customer.ID, again.Record.Version = "igor", 1
			again.Deliveries = nil
			return s.Commit(t.Context(), igor, again)
		}},
		{"claim wake-ups", func() error {
			_, err := s.ClaimWakeUps(t.Context(), store.Claim{Now: noon.Add(time.Hour), Limit: 9, Lease: time.Minute})
			return err
		}},
		{"claim deliveries", func() error {
			_, err := s.ClaimDeliveries(t.Context(), store.Claim{Now: noon, Limit: 9, Lease: time.Minute})
			return err
		}},
		{"settle", func() error {
			return s.Settle(t.Context(), store.Outcome{
				Customer: "olga", Delivery: "d1", Attempt: 1, State: store.Sent, Due: noon,
				Event: customer.Event{Kind: customer.DeliverySent, At: noon, Ref: "d1"},
			})
		}},
	} {
		before, start := contents(t, s), len(file(t, path+"-wal"))
		require.NoError(t, step.do(), step.what)
		after := contents(t, s)
		require.NotEqual(t, before, after, step.what)
		checkCuts(t, step.what, file(t, path), file(t, path+"-wal"), start, before, after)
	}
}

// checkCuts opens the database with the log cut off at points behind start.
func checkCuts(t *testing.T, what string, database, log []byte, start int, before, after string) {
	t.Helper()
	require.Greater(t, len(log), start, "%s: nothing was moved to the file, so that it is as it was", what)
	apart := max(1, (len(log)-start)/12)
	for cut := start; cut < len(log)+apart; cut += apart {
		got := reopened(t, database, log[:min(cut, len(log))])
		if cut >= len(log) {
			assert.True(t, after == got, "%s: the whole log", what)
		} else {
			assert.True(t, before == got, "%s, cut off at byte %d of %d", what, cut-start, len(log)-start)
		}
	}
}

func reopened(t *testing.T, database, log []byte) string {
	t.Helper()
	path := inDir(t)
	require.NoError(t, os.WriteFile(path, database, 0o600))
	require.NoError(t, os.WriteFile(path+"-wal", log, 0o600))
	s, err := sqlite.Open(t.Context(), path)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close()) }()
	return contents(t, s)
}

func file(t *testing.T, path string) []byte {
	t.Helper()
	bytes, err := os.ReadFile(filepath.Clean(path))
	require.NoError(t, err)
	return bytes
}
