package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/sqlite"
	"github.com/regulars-go/regulars/store/storetest"
)

// open opens a store in the file, with one of the drivers.
type open func(t *testing.T, path string) *sqlite.Store

func modernc(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func inDir(t *testing.T) string { return filepath.Join(t.TempDir(), "shop.db") }

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Store { return modernc(t, inDir(t)) })
}
