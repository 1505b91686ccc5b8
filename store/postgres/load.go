package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/row"
)

// Load implements [store.Store], in one statement.
func (v *view) Load(ctx context.Context, requests ...store.Request) (loaded []store.Loaded, err error) {
	err = v.read(ctx, func() error {
		loaded, err = v.load(ctx, requests)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load %d customers: %w", len(requests), err)
	}
	return loaded, nil
}

func (v *view) load(ctx context.Context, requests []store.Request) ([]store.Loaded, error) {
	loaded := make([]store.Loaded, len(requests))
	for i := range requests {
		loaded[i].Record.Customer.ID = requests[i].Customer // should there be none
	}
	if len(requests) == 0 {
		return loaded, nil
	}
	sql, args := v.sql.Load, loadArgs(requests)
	if len(requests) == 1 {
		sql, args = v.sql.single[sql], elements(args)
	}
	rows, err := v.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	l := newLoader(v.recent)
	var place int32
	var pruned pgtype.Timestamptz
	return loaded, each(rows, append(l.targets(&place), &l.foundP, &l.foundActs, &pruned), func() error {
		loaded[place], err = l.loaded(slices.Clone(requests[place].PurchaseIDs))
		if pruned.Valid {
			loaded[place].Pruned = pruned.Time.UTC()
		}
		return err
	})
}

// loadArgs returns the requests as columns.
func loadArgs(requests []store.Request) []any {
	n := len(requests)
	ids := make(texts, n)
	purchases, activities := make([]pgtype.Int8, n), make([]pgtype.Int8, n)
	purchaseIDs, activityIDs := make([]pgtype.Text, n), make([]pgtype.Text, n)
	places := make([]int32, n)
	for i := range requests {
		q := &requests[i]
		ids[i], places[i] = q.Customer, int32(i)
		purchases[i], activities[i] = reaches(q.Reach)
		purchaseIDs[i], activityIDs[i] = list(q.PurchaseIDs), list(q.ActivityIDs)
	}
	return []any{ids, purchases, activities, purchaseIDs, activityIDs, places}
}

// list joins IDs, which have no control characters; none are null.
func list(ids []string) pgtype.Text {
	return pgtype.Text{String: strings.Join(ids, row.Separator), Valid: len(ids) > 0}
}
