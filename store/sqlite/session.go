package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/regulars-go/regulars/store/internal/pack"
)

// preparer is what statements are prepared on: a connection or a transaction.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// session is a connection with the statements that were prepared on it. It is
// for one goroutine at a time.
type session struct {
	conn  preparer
	done  func() error // gives the connection back
	stmts map[string]*sql.Stmt
	pen   *pack.Writer
	eye   *pack.Reader
	turn  int64 // of the latest delivery; 0: to be looked up
	inTx  bool  // a transaction is open all the time

	slices int // how often it waits for the lock to write
}

func newSession(conn preparer, done func() error) *session {
	return &session{
		conn: conn, done: done, stmts: make(map[string]*sql.Stmt),
		pen: pack.NewWriter(nil), eye: pack.NewReader(nil),
	}
}

// open opens a connection to write or to read.
func (s *Store) open(ctx context.Context, write bool) (*session, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := newSession(conn, func() error { return discard(conn) })
	if err := s.setUp(ctx, conn, write); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// discard closes a connection for good: as it was set up, it is of no use to the
// caller whose database it is of.
func discard(conn *sql.Conn) error {
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) {
		return nil
	}
	return errors.Join(err, conn.Close())
}

// checkpointPages is how many pages the log may have before they are moved to the
// file. In a large database a thousand events change some thousand pages; moving
// them after each such commit, which is SQLite's default, is most of the work.
const checkpointPages = 8_000

// pageBytes is how long the pages of a file are that is made here. An event changes a
// page in each of several tables and indexes; of longer ones it changes fewer, and
// of those twice as long again, each costs more than that saves.
const pageBytes = 8192

// setUp sets what SQLite keeps for each connection.
func (s *Store) setUp(ctx context.Context, conn *sql.Conn, write bool) error {
	synchronous, cache := "normal", s.cfg.Cache
	if !write {
		cache /= 8
	}
	if s.cfg.Full {
		synchronous = "full"
	}
	pragmas := []string{
		fmt.Sprintf("pragma busy_timeout = %d", s.cfg.Wait.Milliseconds()),
		fmt.Sprintf("pragma cache_size = -%d", max(1, cache>>10)),
		"pragma synchronous = " + synchronous,
		fmt.Sprintf("pragma wal_autocheckpoint = %d", checkpointPages),
	}
	if write {
		pragmas = append(pragmas, fmt.Sprintf("pragma page_size = %d", pageBytes)) // of a file that is there it changes nothing
	} else {
		pragmas = append(pragmas, "pragma query_only = 1")
	}
	for _, p := range pragmas {
		if _, err := conn.ExecContext(ctx, p); err != nil {
			return err
		}
	}
	if !write {
		return nil
	}
	return useLog(ctx, conn)
}

// useLog puts the file into WAL mode. Where another process is doing the same, SQLite
// does not wait for it, as it does where a transaction begins.
func useLog(ctx context.Context, conn *sql.Conn) error {
	var mode string
	var err error
	for range tries {
		if err = conn.QueryRowContext(ctx, "pragma journal_mode = wal").Scan(&mode); err == nil {
			break
		}
		for _, wait := range []string{"begin immediate", "rollback"} {
			if _, waiting := conn.ExecContext(ctx, wait); waiting != nil {
				return errors.Join(err, waiting)
			}
		}
	}
	if err == nil && mode != "wal" {
		err = fmt.Errorf("the journal mode is %q and cannot be wal; the database must be a file on a local disk", mode)
	}
	return err
}

// close gives the connection back.
func (c *session) close() error {
	var errs []error
	for _, stmt := range c.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, c.done())...)
}

// stmt returns the prepared statement.
func (c *session) stmt(query string) (*sql.Stmt, error) {
	if stmt := c.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = stmt
	return stmt, nil
}

// exec runs a statement to its end. It takes no context: statements that write
// are short, and to interrupt one undoes the whole transaction, in which others
// may have a part.
func (c *session) exec(query string, args ...any) error {
	stmt, err := c.stmt(query)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(context.Background(), args...)
	return err
}

// one reads the only row there may be, and reports whether there was one.
func (c *session) one(query string, args []any, into ...any) (bool, error) {
	stmt, err := c.stmt(query)
	if err != nil {
		return false, err
	}
	err = stmt.QueryRowContext(context.Background(), args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// all reads every row.
func (c *session) all(ctx context.Context, query string, args []any, each func(scan func(...any) error) error) error {
	stmt, err := c.stmt(query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its errors are those of Err
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// snapshot runs f while the connection sees what was committed at one instant.
func (c *session) snapshot(f func() error) error {
	if c.inTx {
		return f()
	}
	if err := c.exec("begin"); err != nil {
		return err
	}
	err := f()
	return errors.Join(err, c.exec("rollback"))
}
