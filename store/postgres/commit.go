package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/store/internal/row"
)

// Commit implements [store.Store]. All is sent in one round trip, as one
// transaction; that of customers who were not loaded through this store lately takes
// another, to read what is replaced. The versions are compared as the records are
// written: where one differs, the server ends the transaction.
func (v *view) Commit(ctx context.Context, changes ...store.Change) error {
	if err := row.CheckChanges(changes); err != nil {
		return err
	}
	ordered := make([]*store.Change, len(changes)) // all lock in the same order
	for i := range changes {
		ordered[i] = &changes[i]
	}
	slices.SortFunc(ordered, func(a, b *store.Change) int {
		return cmp.Compare(a.Record.Customer.ID, b.Record.Customer.ID)
	})
	err := v.write(ctx, func() error { return v.commit(ctx, ordered) })
	var conflict *store.ConflictError
	if err == nil || errors.As(err, &conflict) {
		return err
	}
	return fmt.Errorf("commit %d customers: %w", len(changes), err)
}

func (v *view) commit(ctx context.Context, changes []*store.Change) error {
	if len(changes) == 0 {
		return nil
	}
	old, err := v.replaced(ctx, changes)
	if err != nil {
		return err
	}
	w := newWriter(v.sql)
	for i, c := range changes {
		w.change(old[i], c)
	}
	batch := w.batch()
	if w.due && v.tx {
		v.notify(batch)
	}
	err = v.send(ctx, batch)
	if c := code(err); c == codeConflict || c == uniqueViolation {
		return v.conflict(ctx, changes)
	}
	if err == nil && w.due {
		v.news.announce()
	}
	return err
}

// replaced returns the records that are replaced, in the order of the changes; nil
// for those that are created.
func (v *view) replaced(ctx context.Context, changes []*store.Change) ([]*store.Record, error) {
	old := make([]*store.Record, len(changes))
	r := pack.NewReader(nil)
	var missing []string
	places := make(map[string]int)
	for i, c := range changes {
		id, version := c.Record.Customer.ID, c.Record.Version
		if version == 0 {
			continue
		}
		if p, ok := v.recent.take(id, version); ok {
			var rec store.Record
			if err := r.Record(id, p, &rec); err != nil {
				return nil, corrupt(id, err)
			}
			old[i] = &rec
			continue
		}
		missing, places[id] = append(missing, id), i
	}
	if len(missing) == 0 {
		return old, nil
	}
	rows, err := v.db.Query(ctx, v.sql.Old, missing)
	if err != nil {
		return nil, err
	}
	var id string
	var version int64
	var packed text
	stale := false
	err = each(rows, []any{&id, &version, &packed}, func() error {
		var rec store.Record
		if err := r.Record(id, string(packed), &rec); err != nil {
			return corrupt(id, err)
		}
		i := places[id]
		old[i] = &rec
		stale = stale || uint64(version) != changes[i].Record.Version
		delete(places, id)
		return nil
	})
	if err == nil && (stale || len(places) > 0) {
		err = v.conflict(ctx, changes)
	}
	return old, err
}

// conflict returns what names the customers whose versions are not as expected.
func (v *view) conflict(ctx context.Context, changes []*store.Change) error {
	ids, versions := make([]string, len(changes)), make([]int64, len(changes))
	for i, c := range changes {
		ids[i], versions[i] = c.Record.Customer.ID, int64(c.Record.Version)
	}
	rows, err := v.db.Query(ctx, v.sql.Versions, ids, versions)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	if len(names) == 0 { // who was in the way is gone again
		names = ids
	}
	return &store.ConflictError{Customers: names}
}

// send sends a batch that writes, all of which is done or nothing. In a
// transaction of the host's own a savepoint sees to that.
func (v *view) send(ctx context.Context, batch *pgx.Batch) error {
	if !v.tx {
		return v.db.SendBatch(ctx, batch).Close() // which the server takes as one transaction
	}
	guarded := &pgx.Batch{QueuedQueries: slices.Concat(queued("savepoint regulars"), batch.QueuedQueries, queued("release savepoint regulars"))}
	err := v.db.SendBatch(ctx, guarded).Close()
	if code(err) == "" {
		return err
	}
	if _, undo := v.db.Exec(ctx, "rollback to savepoint regulars; release savepoint regulars"); undo != nil {
		return errors.Join(err, undo)
	}
	return err
}

func queued(sql string) []*pgx.QueuedQuery {
	var b pgx.Batch
	b.Queue(sql)
	return b.QueuedQueries
}

// The order of what one commit adds to a customer, and of what comes behind it, is
// made of the version, so that no counter is needed. There is room for half a
// million deliveries in a commit, and for as many redrives until the next; for
// events, a row of which is all that a commit adds, for twice as many.
const perVersion = 20 // bits

func firstSeq(version uint64) int64 { return int64(version) << perVersion }

// lastOf keeps the last of those that have one ID.
func lastOf[T any](items []T, id func(*T) string) []T {
	if len(items) < 2 {
		return items
	}
	last := make(map[string]int, len(items))
	for i := range items {
		last[id(&items[i])] = i
	}
	if len(last) == len(items) {
		return items
	}
	kept := make([]T, 0, len(last))
	for i := range items {
		if last[id(&items[i])] == i {
			kept = append(kept, items[i])
		}
	}
	return kept
}
