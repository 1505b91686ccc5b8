package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// Commit implements [store.Store]. All is sent in one round trip, as one
// transaction; that of customers who were not loaded through this store lately takes
// another, to read what is replaced. The versions are compared as the records are
// written: where one differs, the server ends the transaction.
func (v *view) Commit(ctx context.Context, changes ...store.Change) error {
	if err := store.CheckChanges(changes); err != nil {
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
	w := newWriter(v.sql, len(changes))
	for i, c := range changes {
		w.change(&old[i], c)
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

// replaced is what a change replaces.
type replaced struct {
	*store.Record // nil: nothing, the customer is created
	packed
}

// replaced returns what is replaced, in the order of the changes.
func (v *view) replaced(ctx context.Context, changes []*store.Change) ([]replaced, error) {
	old := make([]replaced, len(changes))
	r := pack.NewReader(nil)
	missing := make(map[string]int)
	for i, c := range changes {
		id, version := c.Record.Customer.ID, c.Record.Version
		if version == 0 {
			continue
		}
		p, ok := v.recent.take(id, version)
		if !ok {
			missing[id] = i
			continue
		}
		if err := old[i].unpack(r, id, p); err != nil {
			return nil, err
		}
	}
	if len(missing) == 0 {
		return old, nil
	}
	return old, v.reread(ctx, changes, missing, old)
}

func (o *replaced) unpack(r *pack.Reader, id string, p packed) error {
	o.Record, o.packed = new(store.Record), p
	if err := r.Record(id, p.record, o.Record); err != nil {
		return corrupt(id, err)
	}
	return nil
}

// reread reads what was not loaded lately. Where that is not what the changes
// expect, there is no need to try.
func (v *view) reread(ctx context.Context, changes []*store.Change, missing map[string]int, old []replaced) error {
	rows, err := v.db.Query(ctx, v.sql.Old, slices.Sorted(maps.Keys(missing)))
	if err != nil {
		return err
	}
	var id string
	var version int64
	var record text
	r := pack.NewReader(nil)
	err = each(rows, []any{&id, &version, &record}, func() error {
		i := missing[id]
		if uint64(version) == changes[i].Record.Version {
			delete(missing, id)
		}
		return old[i].unpack(r, id, packed{record: string(record)})
	})
	if err == nil && len(missing) > 0 {
		return v.conflict(ctx, changes)
	}
	return err
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
		return v.db.send(ctx, batch) // which the server takes as one transaction
	}
	guarded := &pgx.Batch{QueuedQueries: slices.Concat(queued("savepoint regulars"), batch.QueuedQueries, queued("release savepoint regulars"))}
	err := v.db.send(ctx, guarded)
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
