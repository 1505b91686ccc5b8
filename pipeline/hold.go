package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/regulars-go/regulars/store"
)

// hold returns the rules in force, whose document the store has by then. Whoever
// replaces them waits until they are released.
func (e *Engine) hold(ctx context.Context) (*rules, error) {
	r := e.rules.Load()
	for !r.inUse.TryRLock() { // they were replaced just now
		r = e.rules.Load()
	}
	if err := e.keep(ctx, r); err != nil {
		r.release()
		return nil, err
	}
	return r, nil
}

func (r *rules) release() { r.inUse.RUnlock() }

// replace puts the rules in force. When it returns without an error, this engine
// commits nothing any more that was stepped by those before. What it has written by
// then into a transaction of the caller's own may still be committed.
func (e *Engine) replace(ctx context.Context, r *rules) error {
	before := e.rules.Swap(r)
	waited := make(chan struct{})
	go func() {
		before.inUse.Lock()
		defer before.inUse.Unlock() // to have waited is all
		close(waited)
	}()
	select {
	case <-waited:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// keep saves the document of the rules before anything is stepped under them.
// What is saved in a transaction may be gone if that is rolled back, so that nobody
// may rely on it.
func (e *Engine) keep(ctx context.Context, r *rules) error {
	if r.kept.Load() {
		return nil
	}
	stays, err := e.save(ctx, r)
	if err != nil {
		return fmt.Errorf("save definitions %q: %w", r.version, err)
	}
	if stays {
		r.kept.Store(true)
	}
	return nil
}

func (e *Engine) save(ctx context.Context, r *rules) (stays bool, err error) {
	if e.tx != nil {
		return e.tx.KeepDefinitions(ctx, r.version, r.document)
	}
	return true, e.cfg.Store.SaveDefinitions(ctx, r.version, r.document)
}

// errReplaced says that a step was done by rules that are no longer in force,
// and has to be done again.
var errReplaced = errors.New("the definitions were replaced meanwhile")

// commit writes what was stepped by the rules, if they are still in force. A
// customer who was brought over to newer ones and then loaded must not be taken
// back; one who was loaded before that has another version by now.
func (e *Engine) commit(ctx context.Context, r *rules, changes ...store.Change) error {
	if e.rules.Load() != r {
		return errReplaced
	}
	if len(changes) == 0 {
		return nil
	}
	return e.cfg.Store.Commit(ctx, changes...)
}
