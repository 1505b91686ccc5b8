package pipeline_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

func TestCommitThatFailsIsMadeAgain(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]func(*faulty) map[string]int{
		"before it wrote": func(f *faulty) map[string]int { return f.before },
		"after it wrote":  func(f *faulty) map[string]int { return f.after },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := new(faulty)
			s := setup(t, of(nails(), sends("thank", trigger.Purchase()), sends("wait", trigger.StageEntered("nails", "waiting"))), onFaulty(f))
			when(f)["Commit"] = 1
			require.ErrorIs(t, s.RecordPurchase(t.Context(), bought("a", opening)), errCut)
			s.buys("a")
			s.tick(opening)
			assert.Equal(t, []string{"olga/thank/1/0"}, s.sentIDs())
			assert.Equal(t, 1, s.record().Totals.Count)

			s.clock.set(at("2026-03-03 09:00"))
			when(f)["Commit"] = 1
			_, err := s.Tick(t.Context())
			require.ErrorIs(t, err, errCut)
			s.restart()
			s.tick(at("2026-03-03 09:05")) // the lease of the one that crashed has run out
			assert.Equal(t, []string{"olga/thank/1/0", "olga/wait/1/0"}, s.sentIDs())
			assert.Len(t, s.lines(customer.StageEntered), 2, "the state advanced once")
			assert.Equal(t, "waiting", s.stage())
		})
	}
}

func TestRival01_CrashBetweenSendingAndSavingKeepsTheID(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, of(nails(), sends("t", trigger.Purchase(), followUp)), onFaulty(f))
	s.buys("a")
	f.before["Settle"] = 1
	_, err := s.Tick(t.Context())
	require.ErrorIs(t, err, errCut)
	before := s.record()
	s.restart()
	s.tick(at("2026-03-02 10:04"))
	assert.Len(t, s.sentIDs(), 1, "leased to the one that crashed")
	s.tick(at("2026-03-02 10:05"))
	assert.Equal(t, []string{"olga/t/1/0", "olga/t/1/0"}, s.sentIDs(), "the receiver drops the second by its ID")
	assert.Equal(t, before, s.record(), "the run advanced once")
	assert.Len(t, s.lines(customer.DeliverySent), 1)
}

func TestRival03_OneBadRecipientDoesNotMakeTheOthersGoAgain(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails(), sends("t", trigger.Purchase())))
	attempts := make(map[string]int)
	s.cfg.Notifier = trigger.NotifierFunc(func(ctx context.Context, d trigger.Delivery) error {
		attempts[d.Customer]++
		if d.Customer == "c50" {
			return fmt.Errorf("mailbox full")
		}
		return nil
	})
	s.restart()
	for i := range 100 {
		p := bought("a", opening)
		p.Customer = fmt.Sprintf("c%02d", i)
		s.must(customer.Customer{ID: p.Customer, Phones: phones}, p)
	}
	p := s.tick(opening)
	assert.Equal(t, 99, p.Sent)
	assert.Equal(t, 1, p.Retried)
	s.tick(opening.Add(time.Hour))
	for id, n := range attempts {
		if id != "c50" {
			assert.Equal(t, 1, n, id)
		}
	}
	assert.Greater(t, attempts["c50"], 1)
}

func TestConflictIsSteppedAgain(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, of(nails(), sends("thank", trigger.Purchase())), onFaulty(f))
	other, err := pipeline.New(s.cfg)
	require.NoError(t, err)
	f.first["Commit"] = func() { require.NoError(t, other.RecordPurchase(t.Context(), bought("b", opening))) }
	s.buys("a")
	s.tick(opening)
	assert.Equal(t, 2, s.record().Totals.Count)
	assert.Equal(t, 2, s.cycle("nails").Number)
	assert.Equal(t, []string{"olga/thank/1/0", "olga/thank/2/0"}, s.sentIDs())
}

func TestWakeUpThatMeetsAnInputIsSteppedOnce(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, of(nails(), sends("wait", trigger.StageEntered("nails", "waiting"))), onFaulty(f))
	s.buys("a")
	s.clock.set(at("2026-03-03 12:00"))
	other, err := pipeline.New(s.cfg)
	require.NoError(t, err)
	f.first["Commit"] = func() {
		require.NoError(t, other.RecordActivity(t.Context(), customer.Activity{ID: "x", Customer: "olga", Name: "n", At: s.clock.Now()}))
	}
	s.tick(s.clock.Now())
	assert.Equal(t, []string{"olga/wait/1/0"}, s.sentIDs())
	assert.Len(t, s.lines(customer.StageEntered), 2)
}

// Two engines on one store, with all that may meet: each wake-up is stepped once, each delivery
// settled, whatever meets whatever.
func TestRival02_TwoEnginesOnOneStoreDoEverythingOnce(t *testing.T) {
	t.Parallel()
	const customers, purchases = 40, 5
	s := emptyShop(t, of(nails(), sends("thank", trigger.StageEntered("nails", "thanks")), sends("wait", trigger.StageEntered("nails", "waiting"))),
		func(c *pipeline.Config) { c.Batch, c.Senders = 7, 3 })
	engines := []*pipeline.Engine{s.Engine}
	s.restart()
	engines = append(engines, s.Engine)
	for i := range customers {
		s.must(customer.Customer{ID: fmt.Sprintf("c%02d", i), Phones: phones})
	}
	for round := range purchases {
		s.clock.set(opening.AddDate(0, 0, 2*round))
		var work sync.WaitGroup
		for _, e := range engines {
			work.Go(func() {
				for i := range customers {
					p := bought(fmt.Sprint(round), s.clock.Now())
					p.Customer = fmt.Sprintf("c%02d", i)
					assert.NoError(t, e.RecordPurchase(t.Context(), p)) // both tell of it
				}
			})
			work.Go(func() {
				for range 20 {
					_, err := e.Tick(t.Context())
					assert.NoError(t, err)
				}
			})
		}
		work.Wait()
	}
	s.tick(opening.AddDate(0, 0, 2*purchases))
	seen := make(map[string]int)
	for _, id := range s.sentIDs() {
		seen[id]++
	}
	assert.Len(t, seen, customers*purchases*2)
	for id, n := range seen {
		assert.Equal(t, 1, n, id)
	}
	assert.Empty(t, s.outbox(store.Waiting))
	for rec, err := range s.Customers(t.Context(), store.Query{}) {
		require.NoError(t, err)
		assert.Equal(t, purchases, rec.Totals.Count)
		assert.Equal(t, "waiting", rec.Cycles[0].Stage)
		var entered int
		for e, err := range s.Timeline(t.Context(), rec.Customer.ID) {
			require.NoError(t, err)
			if e.Kind == customer.StageEntered {
				entered++
			}
		}
		assert.Equal(t, 2*purchases, entered)
	}
}

func TestTickWithNothingDueTouchesNoCustomer(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, of(nails()), onFaulty(f))
	s.buys("a")
	s.tick(at("2026-03-03 08:59"))
	before := f.loads
	p := s.tick(at("2026-03-03 08:59"))
	assert.Equal(t, pipeline.Progress{}, p)
	assert.Equal(t, before, f.loads)
	p = s.tick(at("2026-03-03 09:00"))
	assert.Equal(t, pipeline.Progress{WakeUps: 1, Customers: 1, Events: 2}, p)
}

func TestLeaseOfACrashedProcessRunsOut(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, of(nails()), onFaulty(f), func(c *pipeline.Config) { c.Lease = 2 * time.Minute })
	s.buys("a")
	s.clock.set(at("2026-03-03 09:00"))
	f.after["ClaimWakeUps"] = 1 // claimed, and then gone
	_, err := s.Tick(t.Context())
	require.ErrorIs(t, err, errCut)
	s.tick(at("2026-03-03 09:01"))
	assert.Equal(t, "thanks", s.stage())
	s.tick(at("2026-03-03 09:02"))
	assert.Equal(t, "waiting", s.stage())
	assert.Equal(t, at("2026-03-03 09:00"), s.cycle("nails").Entered, "at its own time")
}

func TestProgressTellsOnlyWhatWasCommitted(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, of(nails()), onFaulty(f))
	s.buys("a")
	s.clock.set(at("2026-03-03 09:00"))
	f.before["Commit"] = 1
	p, err := s.Tick(t.Context())
	require.ErrorIs(t, err, errCut)
	assert.Equal(t, pipeline.Progress{}, p)
}
