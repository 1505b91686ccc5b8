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
	if err := migrate(ctx, db); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Someone else may be at it. SQLite has no lock to take ahead of a transaction,
// but each migration is one: the second who begins finds the tables made, fails,
// and has nothing left to do when it looks again.
const (
	tries      = 20
	betweenTry = 50 * time.Millisecond
)

func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithTableName(versions), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := up(ctx, p)
		if err == nil || errors.Is(err, store.ErrNewerSchema) || try == tries {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(betweenTry):
		}
	}
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
