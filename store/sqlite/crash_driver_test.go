package sqlite_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"os"
	"strings"
	"sync"

	moderncdriver "modernc.org/sqlite"
)

// points are the places in a process at which it may be killed, in the order in which
// it comes by them.
type points struct {
	mu     sync.Mutex
	at     string   // the method at work
	passed []string // what they are called
	last   int      // the process is killed at the point of this number, from 1; 0: at none
}

// crash is the points of this process.
var crash = points{at: "open"}

// enter says which method is at work from here on.
func (p *points) enter(method string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = method
}

// pass is such a point.
func (p *points) pass(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed = append(p.passed, p.at+": "+what)
	if len(p.passed) == p.last {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {} // it takes a moment
	}
}

func init() { sql.Register("crashing", crashing{new(moderncdriver.Driver)}) }

// crashing is SQLite's driver, with a point ahead of every statement of a transaction
// that writes, and one behind it.
type crashing struct{ driver.Driver }

func (d crashing) Open(name string) (driver.Conn, error) {
	c, err := d.Driver.Open(name)
	return &crashingConn{Conn: c}, err
}

type crashingConn struct {
	driver.Conn
	writes bool // a transaction that writes is open
}

func (c *crashingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (r driver.Result, err error) {
	err = c.around(query, func() error {
		r, err = c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
		return err
	})
	return r, err
}

func (c *crashingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = c.around(query, func() error {
		rows, err = c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
		return err
	})
	return rows, err
}

// BeginTx begins a transaction as migrations do.
func (c *crashingConn) BeginTx(ctx context.Context, o driver.TxOptions) (tx driver.Tx, err error) {
	err = c.around("begin immediate", func() error {
		tx, err = c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
		return err
	})
	return crashingTx{tx, c}, err
}

type crashingTx struct {
	driver.Tx
	conn *crashingConn
}

func (t crashingTx) Commit() error { return t.conn.around("commit", t.Tx.Commit) }

func (t crashingTx) Rollback() error {
	t.conn.writes = false
	return t.Tx.Rollback()
}

func (c *crashingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	return &crashingStmt{s, c, query}, err
}

// around has the points around a statement.
func (c *crashingConn) around(query string, run func() error) error {
	words := strings.Fields(query)
	name := strings.Join(words[:min(4, len(words))], " ")
	begins, ends := name == "begin immediate", name == "commit"
	if begins || c.writes {
		crash.pass("before " + name)
	}
	err := run()
	c.writes = (c.writes || begins) && !ends
	if ends {
		crash.pass("after " + name)
	}
	return err
}

type crashingStmt struct {
	driver.Stmt
	conn  *crashingConn
	query string
}

func (s *crashingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (r driver.Result, err error) {
	err = s.conn.around(s.query, func() error {
		r, err = s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
		return err
	})
	return r, err
}

func (s *crashingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = s.conn.around(s.query, func() error {
		rows, err = s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
		return err
	})
	return rows, err
}
