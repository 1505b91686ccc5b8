package sqlite_test

import (
	"database/sql"
	"testing"

	_ "github.com/ncruces/go-sqlite3/driver" // registers "sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/sqlite"
	"github.com/regulars-go/regulars/store/storetest"
)

// drivers are the two that all of the contract is tested on.
var drivers = map[string]open{"modernc": modernc, "ncruces": ncruces}

// ncruces opens a store on a driver of the caller's choice, of which the store
// knows nothing but that it is for SQLite.
func ncruces(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	s, err := sqlite.New(t.Context(), db)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func TestStoreOnAnotherDriver(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the other driver is left out with -short, as with the race detector, which makes SQLite twenty times as slow")
	}
	storetest.Run(t, func(t *testing.T) store.Store { return ncruces(t, inDir(t)) })
}
