package storetest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// Same runs engines on stores of several kinds, which open makes, through the
// same random histories: inputs, ticks, deliveries that fail, claims of engines
// that crash, outcomes that come late, dead deliveries that are redriven, new
// definitions, pruning. After every step each store must hold what the first does,
// in every field of every record, purchase, activity, event and delivery. The
// histories are the same each time, and fewer with -short.
func Same(t *testing.T, open ...func(t *testing.T) store.Store) {
	t.Helper()
	require.GreaterOrEqual(t, len(open), 2, "stores to compare")
	histories, steps := 6, 50
	if testing.Short() {
		histories, steps = 2, 30
	}
	for seed := range histories {
		t.Run(fmt.Sprintf("history-%02d", seed), func(t *testing.T) {
			t.Parallel()
			h := newHistory(uint64(seed), steps)
			var twins []*twin
			for _, o := range open {
				twins = append(twins, newTwin(t, o(t), h.definitions[0]))
			}
			for i, s := range h.steps {
				compare(t, twins, fmt.Sprintf("step %d, %s", i, s.what), s.do)
			}
		})
	}
}

// compare has every twin do the same and compares what came of it.
func compare(t *testing.T, twins []*twin, what string, do func(*twin) outcome) {
	t.Helper()
	var first outcome
	var firstState state
	for i, w := range twins {
		got := do(w)
		state := w.state(t)
		if i == 0 {
			first, firstState = got, state
			continue
		}
		requireSame(t, first, got, what+": outcome")
		requireSame(t, firstState, state, what+": state")
	}
}

// requireSame compares all exported fields, times with their zone.
func requireSame[T any](t *testing.T, want, got T, what string) {
	t.Helper()
	differences := differ("", reflect.ValueOf(want), reflect.ValueOf(got))
	require.Empty(t, strings.Join(differences[:min(5, len(differences))], "\n"), what)
}

// twin is one of the engines, with its own clock and its own receiver, which does
// the same as those of the others.
type twin struct {
	*pipeline.Engine
	store   store.Store
	now     time.Time
	clock   clock.Clock
	claimed []store.Outgoing // by an engine that crashed
}

// Now makes a twin a clock that stands until it is set.
func (w *twin) Now() time.Time { return w.now }

// dial is a clock.Clock that shows what the twin says.
type dial struct {
	clock.Clock
	*twin
}

func (d dial) Now() time.Time { return d.now }

func newTwin(t *testing.T, s store.Store, d pipeline.Definitions) *twin {
	t.Helper()
	w := &twin{store: s, now: t0, clock: clock.New()}
	// All that is due is claimed at once: of what is due at one instant a store may
	// hand out any first, so that smaller batches would be of different deliveries.
	e, err := pipeline.New(pipeline.Config{
		Store: s, Clock: dial{w.clock, w}, Definitions: d, Notifier: trigger.NotifierFunc(receive),
		Batch: 200, SendTimeout: time.Second, Retry: pipeline.Retry{Attempts: 3, First: time.Hour, Most: 6 * time.Hour},
	})
	require.NoError(t, err)
	w.Engine = e
	return w
}

// receive fails for some deliveries, on some days.
func receive(_ context.Context, d trigger.Delivery) error {
	h := fnv.New32a()
	h.Write([]byte(d.ID))
	switch h.Sum32() % 7 {
	case 0:
		return trigger.Permanent(errors.New("no such number"))
	case 1, 2:
		return errors.New("no answer")
	}
	return nil
}

// state is everything that can be asked of a store.
type state struct {
	People         []store.Loaded
	Timelines      [][]customer.Event
	Outbox         []store.Outgoing
	Dead, Waiting  []store.Outgoing
	Found          [][]string
	Cuts           []string
	Wake, Delivery time.Time
}

func (w *twin) state(t *testing.T) (s state) {
	t.Helper()
	s.People = gather(t, w.store.Find(t.Context(), store.Query{Reach: everything}))
	for i, l := range s.People {
		byID := load(t, w.store, store.Request{Customer: l.Record.Customer.ID, ActivityIDs: []string{"none"}})
		s.People[i].Pruned = byID.Pruned
		s.Timelines = append(s.Timelines, timeline(t, w.store, l.Record.Customer.ID))
	}
	s.Outbox = deliveries(t, w.store, store.DeliveryQuery{})
	s.Dead = deliveries(t, w.store, store.DeliveryQuery{States: []store.DeliveryState{store.Dead}})
	s.Waiting = deliveries(t, w.store, store.DeliveryQuery{States: []store.DeliveryState{store.Waiting}})
	for _, q := range []store.Query{
		{Pipeline: "cakes"},
		{Pipeline: "cakes", Stage: "due"},
		{Pipeline: "tea", Stage: "late"},
		{Segment: "active"},
		{Segment: "asleep", Manager: "eva"},
		{Manager: "max"},
		{Tag: "fan"},
		{Contact: "shared@example.org"},
		{NotUnder: "x", After: "c2"},
	} {
		s.Found = append(s.Found, found(t, w.store, q))
	}
	cuts, err := w.store.Cuts(t.Context())
	require.NoError(t, err)
	for _, c := range cuts {
		s.Cuts = append(s.Cuts, fmt.Sprintf("%+v", c))
	}
	slices.Sort(s.Cuts)
	s.Wake, s.Delivery, err = w.store.NextDue(t.Context())
	require.NoError(t, err)
	return s
}

// mishap is what a step came to where that is an error: which of those that can
// be told apart.
func mishap(err error) string {
	for _, known := range []error{
		pipeline.ErrUnknownCustomer, pipeline.ErrUnknownPurchase, pipeline.ErrIDReused, pipeline.ErrNotInPipeline,
		pipeline.ErrUnsettled, customer.ErrInvalid, store.ErrUnknown, store.ErrConflict,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if err != nil {
		return "other: " + err.Error()
	}
	return ""
}

// byCustomer orders what was claimed: of what is due at one instant, a store may
// hand out any first.
func byCustomer(claimed []store.Outgoing) []store.Outgoing {
	slices.SortFunc(claimed, func(a, b store.Outgoing) int { return strings.Compare(a.Customer+" "+a.ID, b.Customer+" "+b.ID) })
	return claimed
}
