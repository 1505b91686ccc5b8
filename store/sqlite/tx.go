package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"sync"

	"github.com/regulars-go/regulars/store"
)

// InTx returns the store as it is seen, and changed, inside a transaction of the
// caller's own, on a connection to the same database: to hand to
// pipeline.Engine.ApplyTx, or to read what was done in it. What is written is
// there for others when the transaction is committed, and never was where it is
// rolled back. The view ends with the transaction.
//
// The first call takes the lock to write, of which SQLite has one: as long as the
// transaction is open, everybody else who writes waits. Do not call methods of
// the Store itself that write in the meantime; they would wait for the caller.
// Transactions of [Store.DB] after [Open] have the lock from the beginning.
// Where the driver begins them otherwise, one that has read before and then finds
// that others have written fails; begin again.
func (s *Store) InTx(tx *sql.Tx) store.Tx {
	c := newSession(tx, func() error { return nil })
	c.inTx = true
	at := &inTx{tx: tx, c: c, file: s.file}
	return &txView{methods{at}, at, s}
}

// txView is the store in a transaction of the caller's own.
type txView struct {
	methods
	in *inTx
	of *Store
}

var _ store.Tx = (*txView)(nil)

var (
	errNoTx    = errors.New("sqlite: InTx was given no transaction: it is nil")
	errOtherTx = errors.New("sqlite: the view of the transaction is of another store than the engine's; make it with the InTx of that one")
)

// ViewOf implements [store.Tx].
func (v *txView) ViewOf(s store.Store) error {
	if v.in.tx == nil {
		return errNoTx
	}
	if other, ok := s.(*Store); ok && other != v.of {
		return errOtherTx
	}
	return nil
}

// KeepDefinitions implements [store.Tx]. Only what the store has without the
// transaction stays. If it has to be saved, then in the transaction: nobody else
// could write now, nor does anybody wait for it who would not wait anyway.
func (v *txView) KeepDefinitions(ctx context.Context, version string, document []byte) (stays bool, err error) {
	_, err = v.of.Definitions(ctx, version)
	if errors.Is(err, store.ErrUnknown) {
		return false, v.SaveDefinitions(ctx, version, document)
	}
	return err == nil, err
}

// inTx is a transaction as a place to read and write.
type inTx struct {
	mu     sync.Mutex
	tx     *sql.Tx
	c      *session
	file   string // where the store is
	locked bool   // the transaction has the lock to write
}

// lockToWrite changes nothing, but as one who is going to.
const lockToWrite = `delete from definitions where 0`

// begin takes the lock, with which others cannot change what is read.
func (t *inTx) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil || t.locked {
		return err
	}
	if t.tx == nil {
		return errNoTx
	}
	err := t.sameFile()
	if err == nil {
		err = t.c.exec(lockToWrite)
	}
	t.locked = err == nil
	return err
}

// errOtherFile says that the transaction would be rolled back or committed without
// what the store is to write.
var errOtherFile = errors.New("the transaction is of another database than the store")

func (t *inTx) sameFile() error {
	var file string
	if err := t.c.file(&file); err != nil || file == t.file {
		return err
	}
	a, errA := os.Stat(file)
	b, errB := os.Stat(t.file)
	if errA == nil && errB == nil && os.SameFile(a, b) {
		return nil // drivers may write a path in different ways
	}
	return errOtherFile
}

// file reads where the database is.
func (c *session) file(into *string) error {
	_, err := c.one(`select file from pragma_database_list where name = 'main'`, nil, into)
	return err
}

// ended says that the transaction has, where an error comes of that, instead of what
// has become of its statements.
func (t *inTx) ended(err error) error {
	if err == nil || t.tx == nil {
		return err
	}
	stmt, over := t.tx.PrepareContext(context.Background(), "select 1")
	if errors.Is(over, sql.ErrTxDone) {
		return sql.ErrTxDone
	}
	if over == nil {
		_ = stmt.Close()
	}
	return err
}

func (t *inTx) read(ctx context.Context, f func(*session) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.begin(ctx); err != nil {
		return t.ended(err)
	}
	return t.ended(f(t.c))
}

// write does all of it or nothing: what fails half-way is undone, and the
// transaction is as it was.
func (t *inTx) write(ctx context.Context, f func(*session) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.begin(ctx); err != nil {
		return t.ended(err)
	}
	if err := t.c.exec("savepoint regulars"); err != nil {
		return t.ended(err)
	}
	t.c.turn = 0
	err := f(t.c)
	if err != nil {
		err = errors.Join(err, t.c.exec("rollback to regulars"))
	}
	return t.ended(errors.Join(err, t.c.exec("release regulars")))
}
