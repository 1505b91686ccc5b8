package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/regulars-go/regulars/store"
)

// place is where methods read and write: the whole database, or a transaction.
type place interface {
	read(ctx context.Context, f func(*session) error) error
	write(ctx context.Context, f func(*session) error) error
}

// methods are those of [store.Store] in either place.
type methods struct{ at place }

// failed says which operation an error is of. What the contract has a type for,
// and the error of a context, are told apart by errors.Is and errors.As.
func failed(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sqlite: %s: %w", what, err)
}

// Load implements [store.Store].
func (m methods) Load(ctx context.Context, requests ...store.Request) ([]store.Loaded, error) {
	loaded := make([]store.Loaded, len(requests))
	err := m.at.read(ctx, func(c *session) error { return c.loadAll(ctx, requests, loaded) })
	if err != nil {
		return nil, failed("load", err)
	}
	return loaded, nil
}

// Commit implements [store.Store].
func (m methods) Commit(ctx context.Context, changes ...store.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := store.CheckChanges(changes); err != nil || len(changes) == 0 {
		return err
	}
	return failed("commit", m.at.write(ctx, func(c *session) error { return c.commit(changes) }))
}

// ClaimWakeUps implements [store.Store].
func (m methods) ClaimWakeUps(ctx context.Context, claim store.Claim) (loaded []store.Loaded, err error) {
	if err := claim.Check(); err != nil {
		return nil, err
	}
	due, err := m.anyDue(ctx, anyWake, claim.Now)
	if err == nil && due {
		err = m.at.write(ctx, func(c *session) error {
			loaded, err = c.claimWakeUps(claim)
			return err
		})
	}
	if err != nil {
		return nil, failed("claim wake-ups", err)
	}
	return loaded, nil
}

// ClaimDeliveries implements [store.Store].
func (m methods) ClaimDeliveries(ctx context.Context, claim store.Claim) (out []store.Outgoing, err error) {
	if err := claim.Check(); err != nil {
		return nil, err
	}
	due, err := m.anyDue(ctx, `select 1 from deliveries where ready <= ? limit 1`, claim.Now)
	if err == nil && due {
		err = m.at.write(ctx, func(c *session) error {
			out, err = c.claimDeliveries(claim)
			return err
		})
	}
	if err != nil {
		return nil, failed("claim deliveries", err)
	}
	return out, nil
}

// anyDue looks whether there is anything to claim, without holding up who
// writes.
func (m methods) anyDue(ctx context.Context, query string, now time.Time) (due bool, err error) {
	err = m.at.read(ctx, func(c *session) error {
		var one int
		due, err = c.one(query, []any{now.UnixMicro()}, &one)
		return err
	})
	return due, err
}

// Settle implements [store.Store].
func (m methods) Settle(ctx context.Context, outcomes ...store.Outcome) error {
	if err := store.CheckOutcomes(outcomes); err != nil {
		return err
	}
	return failed("settle", m.at.write(ctx, func(c *session) error { return c.settleAll(outcomes) }))
}

// Redrive implements [store.Store].
func (m methods) Redrive(ctx context.Context, now time.Time, deliveries ...store.DeliveryRef) error {
	return failed("redrive", m.at.write(ctx, func(c *session) error { return c.redrive(now, deliveries) }))
}

// NextDue implements [store.Store].
func (m methods) NextDue(ctx context.Context) (wakeUp, delivery time.Time, err error) {
	err = m.at.read(ctx, func(c *session) error {
		wakeUp, delivery, err = c.nextDue()
		return err
	})
	return wakeUp, delivery, failed("next due", err)
}

// SaveDefinitions implements [store.Store].
func (m methods) SaveDefinitions(ctx context.Context, version string, document []byte) error {
	if err := store.CheckDefinitions(version, document); err != nil {
		return err
	}
	return failed("save definitions", m.at.write(ctx, func(c *session) error {
		return c.exec(`insert into definitions (version, document) values (?, ?) on conflict do nothing`, version, document)
	}))
}

// Definitions implements [store.Store].
func (m methods) Definitions(ctx context.Context, version string) (document []byte, err error) {
	err = m.at.read(ctx, func(c *session) error {
		known, err := c.one(`select document from definitions where version = ?`, []any{version}, &document)
		if err == nil && !known {
			err = fmt.Errorf("version %q: %w", version, store.ErrUnknown)
		}
		return err
	})
	return document, failed("definitions", err)
}
