package pipeline

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// Gap is activities that a predicate asks about though some were removed by
// [Engine.Prune], when nothing asked about them.
type Gap struct {
	Activity string    // what they are called
	Before   time.Time // those that happened before this may be missing
	Segment  string    // whose predicates ask; or
	Trigger  string    // whose condition does
}

// sights returns which activities the rules see and what for, in the order of
// the definitions.
func (r *rules) sights() (list []Kept) {
	for _, s := range r.definitions.Segments {
		for _, sight := range r.segments.Sights(s.ID) {
			list = append(list, Kept{Sight: sight, Segment: s.ID})
		}
	}
	for _, p := range r.triggers.All() {
		if p.If == nil {
			continue
		}
		for _, sight := range p.If.Sights() {
			list = append(list, Kept{Sight: sight, Trigger: p.Trigger.ID})
		}
	}
	return list
}

// sees reports whether an activity is seen from an instant.
func (r *rules) sees(a *customer.Activity, from time.Time) bool {
	kept := store.Cut{Keep: r.sight}
	sight := kept.Keeps(a.Name)
	return sight != nil && sight.Sees(a.At, from)
}

// watchers returns what sees activities: by the rules, and by every version of the
// definitions that some customer or some waiting run is still under.
func (e *Engine) watchers(ctx context.Context, r *rules) ([]Kept, error) {
	versions, err := e.versions(ctx)
	if err != nil {
		return nil, err
	}
	list := r.sights()
	for _, version := range versions {
		if err := e.recallVersion(ctx, r, version); err != nil {
			return nil, err
		}
		if version == r.version {
			continue
		}
		if old := r.archive.find(version); old != nil {
			for _, s := range old.sights() {
				s.Definitions = version
				list = append(list, s)
			}
		}
	}
	return list, nil
}

// versions returns the versions of the definitions under which customers were last
// stepped, or runs that wait began.
func (e *Engine) versions(ctx context.Context) ([]string, error) {
	found := make(map[string]bool)
	add := func(version string) {
		if !found[version] {
			found[strings.Clone(version)] = true
		}
	}
	for l, err := range e.cfg.Store.Find(ctx, store.Query{Reuse: true}) {
		if err != nil {
			return nil, err
		}
		add(l.Record.Definitions)
		for i := range l.Record.Runs {
			add(l.Record.Runs[i].Definitions)
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// widest returns what all of them see, ordered by name.
func widest(watchers []Kept) (sights []segment.Sight) {
	of := make(map[string]segment.Sight)
	for _, w := range watchers {
		of[w.Activity] = w.Widest(of[w.Activity])
	}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		sights = append(sights, of[name])
	}
	return sights
}

// keptBack returns those that see, now, farther back than an instant.
func keptBack(watchers []Kept, before, now time.Time) (kept []Kept) {
	for _, w := range watchers {
		if w.All || now.Add(-w.Back).Before(before) {
			kept = append(kept, w)
		}
	}
	return kept
}

// gaps returns what is missing of what they see, now.
func (e *Engine) gaps(ctx context.Context, sights []Kept, now time.Time) (gaps []Gap, err error) {
	if len(sights) == 0 {
		return nil, nil
	}
	cuts, err := e.cfg.Store.Cuts(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range sights {
		gap := Gap{Activity: s.Activity, Segment: s.Segment, Trigger: s.Trigger}
		for i := range cuts {
			if c := &cuts[i]; (s.All || now.Add(-s.Back).Before(c.Before)) && !spares(c, &s.Sight) {
				gap.Before = latest(gap.Before, c.Before)
			}
		}
		if !gap.Before.IsZero() {
			gaps = append(gaps, gap)
		}
	}
	return gaps, nil
}

// spares reports whether a cut has kept whatever is seen.
func spares(c *store.Cut, s *segment.Sight) bool {
	kept := c.Keeps(s.Activity)
	return kept != nil && (kept.All || !s.All && s.Back <= kept.Back)
}
