package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // SQLite in Go: no C compiler is needed
)

// Open opens the database in the file, which it makes if need be, in a directory that
// must be there, and brings its tables up to date. It takes a path and no URI: for
// parameters of the driver, open the database yourself and call [New]. It uses modernc.org/sqlite, which is linked with this
// package; another driver is for [New] too.
func Open(ctx context.Context, path string) (*Store, error) { return Config{}.Open(ctx, path) }

// Open is the function [Open] with a Config.
func (c Config) Open(ctx context.Context, path string) (*Store, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, errors.New("sqlite: open: name a file; a store that lives in memory is store/memory")
	}
	if strings.HasPrefix(path, "file:") {
		return nil, fmt.Errorf("sqlite: open %q: a path is expected, not a URI; for a URI, open the database yourself and call New", path)
	}
	db, err := sql.Open("sqlite", dsn(path, c))
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	s, err := c.newStore(ctx, db)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open %q: %w", path, err), db.Close())
	}
	s.owned = true
	return s, nil
}

// dsn names the file to the driver. Transactions begin by taking the write lock,
// those of the caller too: one that has read and then wants to write fails where
// somebody else has written in between.
func dsn(path string, c Config) string {
	path = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
	wait := c.Wait
	if wait <= 0 {
		wait = defaultWait
	}
	return fmt.Sprintf("file:%s?_txlock=immediate&_pragma=busy_timeout(%d)", path, wait.Milliseconds())
}
