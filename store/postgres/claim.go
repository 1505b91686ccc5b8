package postgres

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// ClaimWakeUps implements [store.Store]: two statements in one round trip and one
// transaction. Rows that others are at are skipped and not waited for.
func (v *view) ClaimWakeUps(ctx context.Context, claim store.Claim) (loaded []store.Loaded, err error) {
	if err := claim.Check(); err != nil {
		return nil, err
	}
	err = v.write(ctx, func() error {
		loaded, err = v.claimWakeUps(ctx, claim)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim wake-ups: %w", err)
	}
	return loaded, nil
}

func (v *view) claimWakeUps(ctx context.Context, claim store.Claim) ([]store.Loaded, error) {
	var batch pgx.Batch
	due := make(map[string]time.Time)
	lease, until := rand.Int64(), claim.Now.Add(claim.Lease)
	batch.Queue(v.sql.ClaimWakes, claim.Now, claim.Limit, until, lease).Query(func(rows pgx.Rows) error {
		var id string
		var at time.Time
		return each(rows, []any{&id, &at}, func() error {
			due[id] = at
			return nil
		})
	})
	var loaded []store.Loaded
	purchases, activities := reaches(claim.Reach)
	batch.Queue(v.sql.LoadClaimed, until, lease, purchases, activities).Query(func(rows pgx.Rows) error {
		l := newLoader(v.recent)
		return each(rows, l.targets(), func() error {
			one, err := l.loaded(nil)
			loaded = append(loaded, one)
			return err
		})
	})
	if err := v.db.send(ctx, &batch); err != nil {
		return nil, err
	}
	slices.SortFunc(loaded, func(a, b store.Loaded) int {
		x, y := a.Record.Customer.ID, b.Record.Customer.ID
		return cmp.Or(due[x].Compare(due[y]), cmp.Compare(x, y))
	})
	return loaded, nil
}

// ClaimDeliveries implements [store.Store], in one statement.
func (v *view) ClaimDeliveries(ctx context.Context, claim store.Claim) (out []store.Outgoing, err error) {
	if err := claim.Check(); err != nil {
		return nil, err
	}
	err = v.write(ctx, func() error {
		out, err = v.claimDeliveries(ctx, claim)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim deliveries: %w", err)
	}
	return out, nil
}

func (v *view) claimDeliveries(ctx context.Context, claim store.Claim) ([]store.Outgoing, error) {
	rows, err := v.db.Query(ctx, v.sql.ClaimDeliveries, claim.Now, claim.Limit, claim.Now.Add(claim.Lease))
	if err != nil {
		return nil, err
	}
	type claimed struct {
		due  time.Time
		turn int64
		store.Outgoing
	}
	var list []claimed
	var c claimed
	var o outgoingRow
	r := pack.NewReader(nil)
	err = each(rows, o.targets(&c.due, &c.turn), func() (err error) {
		c.Outgoing, err = o.outgoing(r)
		list = append(list, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b claimed) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.Customer, b.Customer), cmp.Compare(a.turn, b.turn))
	})
	out := make([]store.Outgoing, len(list))
	for i := range list {
		out[i] = list[i].Outgoing
	}
	return out, nil
}

// NextDue implements [store.Store].
func (v *view) NextDue(ctx context.Context) (wakeUp, delivery time.Time, err error) {
	var w, d pgtype.Timestamptz
	err = v.read(ctx, func() error { return v.db.QueryRow(ctx, v.sql.NextDue).Scan(&w, &d) })
	if err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("look what is due next: %w", err)
	}
	return fromInstant(w), fromInstant(d), nil
}
