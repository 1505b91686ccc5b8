package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/sqlite"
)

func TestBackupIsTheWholeStore(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		s := open(t, inDir(t))
		require.NoError(t, s.Commit(t.Context(), olga()))
		before := contents(t, s)
		path := inDir(t)
		require.NoError(t, s.Backup(t.Context(), path))
		require.ErrorIs(t, s.Backup(t.Context(), path), os.ErrExist, "a file that is there is left alone")

		igor := olga()
		igor.Record.Customer.ID = "igor"
		require.NoError(t, s.Commit(t.Context(), igor), "the store goes on")
		restored := open(t, path)
		assert.Equal(t, before, contents(t, restored))
		require.NoError(t, restored.Commit(t.Context(), igor), "so does the copy")
	})
}

// A backup is of one instant, whatever is written meanwhile.
func TestBackupWhileOthersWrite(t *testing.T) {
	t.Parallel()
	s := modernc(t, inDir(t))
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan int)
	go func() {
		n := 0
		for ; ctx.Err() == nil; n++ {
			c := olga()
			c.Record.Customer.ID = fmt.Sprintf("c%05d", n)
			assert.NoError(t, s.Commit(t.Context(), c))
		}
		stopped <- n
	}()
	path := inDir(t)
	require.NoError(t, s.Backup(t.Context(), path))
	stop()
	written := <-stopped
	n := 0
	copied := modernc(t, path)
	for _, l := range gather(t, copied.Find(t.Context(), store.Query{Reach: everything})) {
		assert.Equal(t, fmt.Sprintf("c%05d", n), l.Record.Customer.ID, "none between others is missing")
		assert.Len(t, l.Purchases, 1)
		n++
	}
	assert.LessOrEqual(t, n, written)
	assert.Len(t, gather(t, copied.Deliveries(t.Context(), store.DeliveryQuery{})), 2*n)
}

func TestBackupThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		s := open(t, inDir(t))
		path := inDir(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, s.Backup(ctx, path), context.Canceled)
		require.NoFileExists(t, path)
		require.Error(t, s.Backup(t.Context(), path+"/none/shop.db"))
	})
}

// A backup is made while each of the messages is under way, claimed and not settled.
// An engine that goes on from it, and is told again what it does not know, ends where
// the first did, and what it sends again is the same under the same ID.
func TestRestoredWhileAnEngineWasAtWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var copies []string
	require.NoError(t, play(dir, "sqlite", func(s *sqlite.Store) error {
		copies = append(copies, t.TempDir())
		return s.Backup(t.Context(), filepath.Join(copies[len(copies)-1], "shop.db"))
	}))
	want, sent := came(t, dir), received(t, dir)
	require.Greater(t, len(copies), 10)
	for i, restored := range copies {
		require.NoError(t, play(restored, "sqlite", nothing))
		require.Equal(t, want, came(t, restored), "backup %d", i)
		for id, text := range received(t, restored) {
			require.Equal(t, sent[id], text, "%s after backup %d", id, i)
		}
		assert.LessOrEqual(t, len(lines(t, restored, "sent")), len(sent), "what was settled is not sent again")
	}
}
