package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Backup writes a copy of the whole database, tables of the host included, as it
// is at one instant into a new file at path: a complete database that [Open]
// opens. Others read and write meanwhile. It fails where there is such a file;
// where it fails otherwise, or ctx ends, it leaves none behind.
//
// To restore, stop all processes, put the copy in the place of the database and
// remove the files beside it that end in -wal and -shm. Leases that had been
// taken run out by themselves; what was sent after the backup is sent again,
// under the same IDs.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("sqlite: backup: %w: %s", os.ErrExist, path)
	}
	if s.isClosed() {
		return fmt.Errorf("sqlite: backup: %w", errClosed)
	}
	// A connection of its own: those of the store that read must not write, and
	// the one that writes is for others.
	_, err := s.db.ExecContext(ctx, "vacuum into ?", path)
	if err != nil {
		if gone := os.Remove(path); gone != nil && !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return fmt.Errorf("sqlite: backup: %w", err)
	}
	return nil
}
