package pipeline_test

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
)

var errCut = errors.New("the connection was cut")

// faulty is a store that fails when it is told to.
type faulty struct {
	store.Store
	faults map[string]error // with which calls of a method fail; without any: errCut

	mu          sync.Mutex
	before      map[string]int    // how many more calls of the method fail before they do anything
	after       map[string]int    // and how many when they have done it
	first, then map[string]func() // called once, before the next call of the method and when it is done
	loads       int               // customers loaded or claimed
	mostLoaded  int               // by one call
	asked       int               // calls of NextDue
}

// onFaulty puts an engine on a store that can fail.
func onFaulty(f *faulty) func(*pipeline.Config) {
	f.Store = memory.New()
	f.before, f.after = make(map[string]int), make(map[string]int)
	f.first, f.then = make(map[string]func()), make(map[string]func())
	return func(c *pipeline.Config) { c.Store = f }
}

func (f *faulty) fails(calls map[string]int, method string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if calls[method] == 0 {
		return nil
	}
	calls[method]--
	return cmp.Or(f.faults[method], errCut)
}

func (f *faulty) hook(hooks map[string]func(), method string) {
	f.mu.Lock()
	hook := hooks[method]
	delete(hooks, method)
	f.mu.Unlock()
	if hook != nil {
		hook()
	}
}

func (f *faulty) around(method string, call func() error) error {
	f.hook(f.first, method)
	if err := f.fails(f.before, method); err != nil {
		return err
	}
	if err := call(); err != nil {
		return err
	}
	f.hook(f.then, method)
	return f.fails(f.after, method)
}

func (f *faulty) Commit(ctx context.Context, changes ...store.Change) error {
	return f.around("Commit", func() error { return f.Store.Commit(ctx, changes...) })
}

func (f *faulty) Settle(ctx context.Context, outcomes ...store.Outcome) error {
	return f.around("Settle", func() error { return f.Store.Settle(ctx, outcomes...) })
}

func (f *faulty) SaveDefinitions(ctx context.Context, version string, document []byte) error {
	return f.around("SaveDefinitions", func() error { return f.Store.SaveDefinitions(ctx, version, document) })
}

func (f *faulty) Load(ctx context.Context, requests ...store.Request) (loaded []store.Loaded, err error) {
	err = f.around("Load", func() error {
		loaded, err = f.Store.Load(ctx, requests...)
		return err
	})
	return f.counted(loaded), err
}

func (f *faulty) ClaimWakeUps(ctx context.Context, claim store.Claim) (loaded []store.Loaded, err error) {
	err = f.around("ClaimWakeUps", func() error {
		loaded, err = f.Store.ClaimWakeUps(ctx, claim)
		return err
	})
	return f.counted(loaded), err
}

func (f *faulty) ClaimDeliveries(ctx context.Context, claim store.Claim) (out []store.Outgoing, err error) {
	err = f.around("ClaimDeliveries", func() error {
		out, err = f.Store.ClaimDeliveries(ctx, claim)
		return err
	})
	return out, err
}

func (f *faulty) NextDue(ctx context.Context) (wake, delivery time.Time, err error) {
	f.mu.Lock()
	f.asked++
	f.mu.Unlock()
	err = f.around("NextDue", func() error {
		wake, delivery, err = f.Store.NextDue(ctx)
		return err
	})
	return wake, delivery, err
}

// looks returns how often an engine has looked what is due.
func (f *faulty) looks() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *faulty) counted(loaded []store.Loaded) []store.Loaded {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.loads += len(loaded)
	f.mostLoaded = max(f.mostLoaded, len(loaded))
	return loaded
}
