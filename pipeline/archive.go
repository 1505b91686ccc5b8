package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// archive keeps the rules of other versions of the definitions, under which
// customers were last stepped or runs began. It is safe for concurrent use.
type archive struct{ known sync.Map } // version to *rules; nil: there is no document

// find returns the rules of a version, or nil.
func (a *archive) find(version string) *rules {
	if r, ok := a.known.Load(version); ok {
		return r.(*rules)
	}
	return nil
}

func (a *archive) has(version string) bool {
	_, ok := a.known.Load(version)
	return ok
}

// program returns what a run goes on with, and the rules that it is part of: the
// trigger as it was when the run began. Where that is no longer known it is the
// trigger of today; nil: there is none, and the run ends.
func (r *rules) program(run *trigger.Run) (*trigger.Program, *rules) {
	if run.Definitions != r.version {
		if then := r.archive.find(run.Definitions); then != nil {
			if p := then.triggers.Find(run.Trigger); p != nil {
				return p, then
			}
		}
	}
	return r.triggers.Find(run.Trigger), r
}

// recall makes sure that the rules of every version that the records need are
// known, as far as the store has them.
func (e *Engine) recall(ctx context.Context, r *rules, loaded []store.Loaded) error {
	for i := range loaded {
		rec := &loaded[i].Record
		if err := e.recallVersion(ctx, r, rec.Definitions); err != nil {
			return err
		}
		for j := range rec.Runs {
			if err := e.recallVersion(ctx, r, rec.Runs[j].Definitions); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Engine) recallVersion(ctx context.Context, r *rules, version string) error {
	if version == r.version || version == "" || r.archive.has(version) {
		return nil
	}
	document, err := e.cfg.Store.Definitions(ctx, version)
	if errors.Is(err, store.ErrUnknown) {
		r.archive.known.Store(version, (*rules)(nil))
		return nil
	}
	if err != nil {
		return fmt.Errorf("load definitions %q: %w", version, err)
	}
	r.archive.known.Store(version, r.archive.read(version, document))
	return nil
}

// read returns the rules of a document, or nil: one that this release cannot
// read is as good as none.
func (a *archive) read(version string, document []byte) *rules {
	d, err := ParseDefinitions(document)
	if err != nil {
		return nil
	}
	r, err := compile(d)
	if err != nil {
		return nil
	}
	// They keep the version that the store knows them by, however this release
	// would reckon it, and share what is known of others.
	r.version, r.archive = version, a
	return r
}
