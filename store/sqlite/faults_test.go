package sqlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/sqlite"
)

// large returns a change that needs many pages.
func large(id string) store.Change {
	c := olga()
	c.Record.Customer.ID = id
	c.Record.Customer.Name = strings.Repeat("x", 100_000)
	return c
}

// TestDiskFull limits the file instead of the disk, which ends the same way.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"alone", "together"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			s := modernc(t, inDir(t))
			require.NoError(t, s.Commit(t.Context(), olga()))
			before := contents(t, s)
			s.LimitSize(t, 320<<10)
			if at == "alone" {
				err := s.Commit(t.Context(), large("x"))
				require.ErrorContains(t, err, "full")
				assert.NotContains(t, err.Error(), "Olga", "no personal data")
			} else {
				failTogether(t, s)
			}
			assert.Equal(t, before, strings.ReplaceAll(contents(t, s), "small", ""), "nothing is half-written")
			s.LimitSize(t, 1<<30)
			require.NoError(t, s.Commit(t.Context(), large("x")), "it goes on where there is room again")
		})
	}
}

// failTogether commits a change that has no room among others that have: they do
// not suffer from it.
func failTogether(t *testing.T, s *sqlite.Store) {
	t.Helper()
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() { assert.ErrorContains(t, s.Commit(t.Context(), large(fmt.Sprint("x", i))), "full") })
		work.Go(func() {
			// One that is refused needs no room; it is told what it would have been told alone.
			assert.ErrorIs(t, s.Commit(t.Context(), olga()), store.ErrConflict)
		})
	}
	work.Wait()
}

func TestReadOnlyFile(t *testing.T) {
	t.Parallel()
	path := inDir(t)
	s := modernc(t, path)
	require.NoError(t, s.Commit(t.Context(), olga()))
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	require.NoError(t, err)
	defer db.Close()
	s, err = sqlite.New(t.Context(), db)
	require.NoError(t, err, "what is there can be read")
	defer s.Close()
	assert.Len(t, gather(t, s.Find(t.Context(), store.Query{})), 1)
	igor := olga()
	igor.Record.Customer.ID = "igor"
	require.ErrorContains(t, s.Commit(t.Context(), igor), "readonly")
	_, err = s.ClaimWakeUps(t.Context(), store.Claim{Now: noon.Add(time.Hour), Limit: 1, Lease: time.Minute})
	require.ErrorContains(t, err, "readonly")
}

func TestFileThatIsNoDatabase(t *testing.T) {
	t.Parallel()
	path := inDir(t)
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("This is a letter to grandmother. ", 99)), 0o600))
	_, err := sqlite.Open(t.Context(), path)
	require.ErrorContains(t, err, "not a database")
	_, err = sqlite.Open(t.Context(), path+"/none/shop.db")
	require.Error(t, err, "a folder that is not there")
}

// TestCorruptedFile overwrites pages in the middle of the file.
func TestCorruptedFile(t *testing.T) {
	t.Parallel()
	path := inDir(t)
	s := modernc(t, path)
	for i := range 50 {
		require.NoError(t, s.Commit(t.Context(), large(fmt.Sprint("x", i))))
	}
	require.NoError(t, s.Close())
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	size, err := f.Seek(0, 2)
	require.NoError(t, err)
	_, err = f.WriteAt([]byte(strings.Repeat("?", int(size*3/4))), size/8)
	require.NoError(t, err)
	require.NoError(t, f.Close())

	s, err = sqlite.Open(t.Context(), path)
	if err == nil {
		defer s.Close()
		for _, err = range s.Find(t.Context(), store.Query{}) {
		}
	}
	require.Error(t, err)
	t.Log(err)
}

// TestRecordThatCannotBeRead names the customer, and leaves the others alone.
func TestRecordThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := modernc(t, inDir(t))
	igor := olga()
	igor.Record.Customer.ID = "igor"
	require.NoError(t, s.Commit(t.Context(), olga(), igor))
	_, err := s.DB().ExecContext(t.Context(), `update customers set record = x'ff' where customer = 'igor'`)
	require.NoError(t, err)
	_, err = s.Load(t.Context(), store.Request{Customer: "igor"})
	require.ErrorContains(t, err, "igor")
	require.ErrorContains(t, err, "corrupt")
	_, err = s.Load(t.Context(), store.Request{Customer: "olga"})
	require.NoError(t, err)
}

// TestLockedByAnother holds the lock in a connection that the store knows nothing
// of, as another process does.
func TestLockedByAnother(t *testing.T) {
	t.Parallel()
	path := inDir(t)
	s, err := sqlite.Config{Wait: 50 * time.Millisecond}.Open(t.Context(), path)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Commit(t.Context(), olga()))
	other, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	require.NoError(t, err)
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	require.NoError(t, err)

	igor := olga()
	igor.Record.Customer.ID = "igor"
	var work sync.WaitGroup
	for range 16 {
		work.Go(func() { assert.ErrorContains(t, s.Commit(t.Context(), igor), "locked") })
	}
	work.Wait()
	assert.Len(t, gather(t, s.Find(t.Context(), store.Query{})), 1, "reading goes on")
	require.NoError(t, tx.Rollback())
	require.NoError(t, s.Commit(t.Context(), igor))
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		path := inDir(t)
		s := open(t, path)
		require.NoError(t, sqlite.Migrate(t.Context(), s.DB()), "again")
		_, err := s.DB().ExecContext(t.Context(), `insert into regulars_migrations (version_id, is_applied) values (999, 1)`)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		_, err = sqlite.Open(t.Context(), path)
		require.ErrorIs(t, err, store.ErrNewerSchema)
		require.ErrorContains(t, err, "999")
	})
}

// Several processes start at once on a file that is not there yet.
func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	path := inDir(t)
	var work sync.WaitGroup
	for i := range 6 {
		work.Go(func() {
			s, err := sqlite.Open(t.Context(), path)
			if assert.NoError(t, err) {
				c := olga()
				c.Record.Customer.ID = fmt.Sprint("c", i)
				assert.NoError(t, s.Commit(t.Context(), c))
				assert.NoError(t, s.Close())
			}
		})
	}
	work.Wait()
	s := modernc(t, path)
	assert.Len(t, gather(t, s.Find(t.Context(), store.Query{})), 6)
	var n, distinct int
	require.NoError(t, s.DB().QueryRowContext(t.Context(),
		`select count(*), count(distinct version_id) from regulars_migrations where version_id > 0`).Scan(&n, &distinct))
	assert.Positive(t, n)
	assert.Equal(t, distinct, n, "each migration once")
}

// The tables can be made apart from opening the store, and are left alone then.
func TestMigrateApart(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"sqlite", "sqlite3"} {
		db, err := sql.Open(driver, "file:"+inDir(t))
		require.NoError(t, err)
		defer db.Close()
		schema := func() (n int) {
			require.NoError(t, db.QueryRowContext(t.Context(), `pragma schema_version`).Scan(&n))
			return n
		}
		require.NoError(t, sqlite.Migrate(t.Context(), db))
		before := schema()
		s, err := sqlite.New(t.Context(), db)
		require.NoError(t, err)
		require.NoError(t, s.Commit(t.Context(), olga()))
		require.NoError(t, s.Close())
		assert.Equal(t, before, schema())
	}
}

func TestOpenInVainNamesThePath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing", "shop.db")
	_, err := sqlite.Open(t.Context(), missing)
	require.ErrorContains(t, err, fmt.Sprintf("open %q", missing))
	uri := "file:" + filepath.Join(dir, "shop.db") + "?mode=ro"
	_, err = sqlite.Open(t.Context(), uri)
	require.ErrorContains(t, err, fmt.Sprintf("open %q: a path is expected, not a URI", uri))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left, "nothing was made")
}
