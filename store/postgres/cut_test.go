package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/trigger"
)

// deed is something to be cut off, for a customer of another name each time.
type deed struct {
	prepare func(name string) // uncut
	do      func(name string) error
	check   func(name string, err error)
}

// everyCut does it while the connection is cut at one message after the other, ahead of
// it or through its middle, on the way to the server and back, until it comes through.
func (d deed) everyCut(t *testing.T, by *scissors) {
	t.Helper()
	cuts, well := 0, 0
	for _, at := range []place{{}, {half: true}, {toServer: true}, {toServer: true, half: true}} {
		for cut := true; cut; at.after++ {
			require.Less(t, at.after, 1000, "it never comes through")
			name := fmt.Sprintf("c-%t-%t-%d", at.toServer, at.half, at.after)
			if d.prepare != nil {
				d.prepare(name)
			}
			by.arm(at)
			err := d.do(name)
			if cut = by.disarm(); cut {
				cuts++
			} else {
				require.NoError(t, err, name)
			}
			if err == nil {
				well++
			}
			d.check(name, err)
		}
	}
	t.Logf("%d cuts; %d times all was done even so", cuts, well)
	assert.Greater(t, cuts, 50)
}

// A commit that is cut is whole or was never made.
func TestCommitCutAtEveryMessage(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	s, by := throughScissors(t, schema)
	calm := openIn(t, schema)
	unknown := 0
	change := func(name string) store.Change {
		c := created(name)
		c.Record.Customer.Tags, c.Record.Wake = []string{"vip"}, noon
		c.Record.Segments = []segment.Membership{{Segment: "vip", Since: noon}}
		c.Purchases = []customer.Purchase{{ID: "p", Customer: name, At: noon}}
		c.Events = []customer.Event{{Kind: customer.Purchased, At: noon}}
		c.Deliveries = []trigger.Delivery{{ID: name + "/1", Customer: name, Channel: "sms", At: noon}}
		return c
	}
	commit := func(name string) error { return s.Commit(t.Context(), change(name)) }
	deed{do: commit, check: func(name string, err error) {
		if err != nil {
			require.ErrorIs(t, err, store.ErrOutcomeUnknown, name)
			unknown++
		}
		again := calm.Commit(t.Context(), change(name)) // waits for the one that was cut, should the server be at it
		if err == nil || again != nil {
			require.ErrorIs(t, again, store.ErrConflict, name)
		}
		loaded, err := calm.Load(t.Context(), store.Request{Customer: name, Reach: segment.Reach{AllPurchases: true}})
		require.NoError(t, err)
		require.EqualValues(t, 1, loaded[0].Record.Version, name)
		require.Len(t, loaded[0].Purchases, 1, name)
		require.Len(t, timeline(t, calm, name), 1, name)
		require.Len(t, outboxOf(t, calm, name), 1, name)
	}}.everyCut(t, by)
	assert.Positive(t, unknown)
}

func timeline(t *testing.T, s store.Store, id string) (events []customer.Event) {
	t.Helper()
	for e, err := range s.Timeline(t.Context(), id) {
		require.NoError(t, err)
		events = append(events, e)
	}
	return events
}

func outboxOf(t *testing.T, s store.Store, id string) (all []store.Outgoing) {
	t.Helper()
	for o, err := range s.Deliveries(t.Context(), store.DeliveryQuery{Customer: id}) {
		require.NoError(t, err)
		all = append(all, o)
	}
	return all
}

// cutShop is an engine whose connection is cut, and what it has sent.
type cutShop struct {
	*pipeline.Engine
	t     *testing.T
	now   time.Time
	calm  *postgres.Store
	by    *scissors
	sends map[string]string
	again int
}

// shown is a clock that shows what it points to.
type shown struct {
	clock.Clock
	now *time.Time
}

func (c shown) Now() time.Time { return *c.now }

func newCutShop(t *testing.T) *cutShop {
	t.Helper()
	schema := postgrestest.Schema(t)
	st, by := throughScissors(t, schema)
	s := &cutShop{t: t, now: noon, calm: openIn(t, schema), by: by, sends: make(map[string]string)}
	e, err := pipeline.New(pipeline.Config{
		Store: st, Definitions: thanks(), Clock: shown{clock.New(), &s.now},
		Notifier: trigger.NotifierFunc(func(_ context.Context, d trigger.Delivery) error {
			content := fmt.Sprintf("%+v", d)
			if before, again := s.sends[d.ID]; again {
				s.again++
				require.Equal(t, before, content)
			}
			s.sends[d.ID] = content
			return nil
		}),
	})
	require.NoError(t, err)
	s.Engine = e
	return s
}

// arrives applies a customer and a purchase.
func (s *cutShop) arrives(name string) error {
	return s.Apply(s.t.Context(), customer.Customer{ID: name, Phones: []string{"+49170"}, Since: noon},
		customer.Purchase{ID: "p", Customer: name, At: s.now, Amount: 100})
}

// holds checks that all came of the purchase once.
func (s *cutShop) holds(name string, events, deliveries int) {
	s.t.Helper()
	loaded, err := s.calm.Load(s.t.Context(), store.Request{Customer: name})
	require.NoError(s.t, err)
	require.Equal(s.t, 1, loaded[0].Record.Totals.Count, name)
	require.Len(s.t, stepped(s.t, s.calm.Timeline(s.t.Context(), name)), events, name)
	require.Len(s.t, outboxOf(s.t, s.calm, name), deliveries, name)
}

// isDone reports whether both messages to the customer are settled.
func (s *cutShop) isDone(name string) bool {
	box := outboxOf(s.t, s.calm, name)
	return len(box) == 2 && !slices.ContainsFunc(box, func(o store.Outgoing) bool { return o.State != store.Sent })
}

// Apply goes on by itself wherever the connection is cut, or says that it could not;
// made again it ends right.
func TestApplyCutAtEveryMessage(t *testing.T) {
	t.Parallel()
	s := newCutShop(t)
	require.NoError(t, s.arrives("first"))
	s.holds("first", 5, 1)
	deed{do: s.arrives, check: func(name string, err error) {
		if err != nil {
			assert.NotContains(t, err.Error(), "49170")
		}
		require.NoError(t, s.arrives(name), name)
		s.holds(name, 5, 1)
	}}.everyCut(t, s.by)
}

// Tick claims, steps, commits, sends and settles; wherever it is cut, the next one does
// the rest when the lease has run out.
func TestTickCutAtEveryMessage(t *testing.T) {
	t.Parallel()
	s := newCutShop(t)
	deed{prepare: func(name string) {
		require.NoError(t, s.arrives(name))
		s.now = s.now.AddDate(0, 0, 2)
	}, do: func(string) error {
		_, err := s.Tick(t.Context())
		return err
	}, check: func(name string, err error) {
		if err != nil {
			assert.NotContains(t, err.Error(), "49170")
			s.now = s.now.Add(10 * time.Minute)
		}
		// As long as the server has not noticed, it holds what was claimed, which the
		// next Tick passes over.
		for deadline := time.Now().Add(patience); ; {
			_, err = s.Tick(t.Context())
			require.NoError(t, err, name)
			if s.isDone(name) || time.Now().After(deadline) {
				break
			}
		}
		s.holds(name, 5, 2)
		require.True(t, s.isDone(name), name)
		for _, o := range outboxOf(t, s.calm, name) {
			require.Contains(t, s.sends, o.ID, name)
		}
	}}.everyCut(t, s.by)
	t.Logf("%d messages were sent again, under the same IDs", s.again)
}
