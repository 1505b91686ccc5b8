package pipeline_test

import (
	"context"
	"iter"
	"sync"

	"github.com/regulars-go/regulars/store"
)

// flaky is a store of which one call fails: the one of that number, counted from
// 1, before or after it has done what it was to do.
type flaky struct {
	store.Store
	failAt int
	fail   func() error // tells how
	after  bool         // what it was to do is done

	mu     sync.Mutex
	calls  int
	failed bool
	most   int           // customers asked for by one call
	loads  []string      // customers asked for
	finds  []store.Query // that were asked
}

func (f *flaky) call(do func() error) error {
	f.mu.Lock()
	f.calls++
	fails := f.calls == f.failAt
	f.failed = f.failed || fails
	f.mu.Unlock()
	if fails && !f.after {
		if err := f.fail(); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	if fails && f.after {
		return f.fail()
	}
	return nil
}

func (f *flaky) Load(ctx context.Context, requests ...store.Request) (loaded []store.Loaded, err error) {
	f.mu.Lock()
	f.most = max(f.most, len(requests))
	for i := range requests {
		f.loads = append(f.loads, requests[i].Customer)
	}
	f.mu.Unlock()
	err = f.call(func() error {
		loaded, err = f.Store.Load(ctx, requests...)
		return err
	})
	return loaded, err
}

func (f *flaky) Commit(ctx context.Context, changes ...store.Change) error {
	return f.call(func() error { return f.Store.Commit(ctx, changes...) })
}

func (f *flaky) SaveDefinitions(ctx context.Context, version string, document []byte) error {
	return f.call(func() error { return f.Store.SaveDefinitions(ctx, version, document) })
}

func (f *flaky) Definitions(ctx context.Context, version string) (document []byte, err error) {
	err = f.call(func() error {
		document, err = f.Store.Definitions(ctx, version)
		return err
	})
	return document, err
}

// Find counts every customer as a call.
func (f *flaky) Find(ctx context.Context, q store.Query) iter.Seq2[store.Loaded, error] {
	f.mu.Lock()
	f.finds = append(f.finds, q)
	f.mu.Unlock()
	return func(yield func(store.Loaded, error) bool) {
		for l, err := range f.Store.Find(ctx, q) {
			if fault := f.call(func() error { return nil }); fault != nil {
				yield(store.Loaded{}, fault)
				return
			}
			if !yield(l, err) {
				return
			}
		}
	}
}
