package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/regulars-go/regulars/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versions is the table in which goose notes what was done. A host that uses
// goose itself has another.
const versions = "regulars_migrations"

// Migrate brings the tables of the store in a database up to date, and makes them
// where there are none. [Open] and [New] do so by themselves. Several processes
// may do it at once. It fails with [store.ErrNewerSchema] where the tables are newer
// than this release.
func Migrate(ctx context.Context, db *sql.DB) error {
	if err := migrate(ctx, db, defaultWait); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// tries bounds how often somebody else may be in the way. Each time they were a
// step ahead, and there are few.
const tries = 20

// migrate does what is left to do. Someone else may be at it. SQLite has no lock to
// take ahead of a transaction, but each migration is one: the second who begins
// finds it locked, or the tables made, fails, waits for the first to be done, and
// looks again.
func migrate(ctx context.Context, db *sql.DB, wait time.Duration) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithTableName(versions), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	for range tries {
		if err = up(ctx, p); err == nil || errors.Is(err, store.ErrNewerSchema) {
			return err
		}
		if waiting := awaitWriters(ctx, db, wait); waiting != nil {
			return errors.Join(err, waiting)
		}
	}
	return err
}

// awaitWriters waits, in SQLite, until nobody writes, and no longer than that.
func awaitWriters(ctx context.Context, db *sql.DB, wait time.Duration) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, discard(conn)) }()
	for _, statement := range []string{fmt.Sprintf("pragma busy_timeout = %d", wait.Milliseconds()), "begin immediate", "rollback"} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// up does what is left to do.
func up(ctx context.Context, p *goose.Provider) error {
	is, latest, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if is > latest {
		return fmt.Errorf("%w: version %d; this one knows %d", store.ErrNewerSchema, is, latest)
	}
	if is < latest {
		_, err = p.Up(ctx)
	}
	return err
}
