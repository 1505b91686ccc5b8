package pipeline_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// edition is definitions under which everybody is in one segment, of that
// number, so that a timeline tells the editions that a customer went through.
func edition(n int) pipeline.Definitions {
	id := fmt.Sprintf("e%d", n)
	return with(of(nails(), sends("enter", trigger.SegmentEntered(id))), segment.Segment{ID: id, Enter: segment.All()})
}

// editions returns the segments that the customer entered.
func (s *shop) editions(id string) []string {
	s.t.Helper()
	var list []string
	var all []customer.Event
	for e, err := range s.Timeline(s.t.Context(), id) {
		require.NoError(s.t, err)
		if all = append(all, e); e.Kind == customer.SegmentEntered {
			list = append(list, e.Segment)
		}
	}
	rec, err := s.Customer(s.t.Context(), id)
	require.NoError(s.t, err)
	consistent(s.t, rec, all)
	return list
}

// replaceMeanwhile begins a redefinition and returns when the new definitions
// are in force, while it goes on: it waits for calls that are under way.
func (s *shop) replaceMeanwhile(d pipeline.Definitions) (wait func() pipeline.Redefinition) {
	var done pipeline.Redefinition
	var err error
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		done, err = s.Redefine(context.Background(), d, pipeline.RedefineOptions{})
	}()
	for len(s.Definitions().Segments) == 0 || s.Definitions().Segments[0].ID != d.Segments[0].ID {
		runtime.Gosched()
	}
	return func() pipeline.Redefinition {
		<-finished
		require.NoError(s.t, err)
		return done
	}
}

// Definitions are replaced while a call is under way, at whatever moment of it:
// it ends under the new ones, or they bring over what it did. Nobody is taken
// back to the old ones, and nobody is left under them.
func TestCallUnderWayWhenDefinitionsAreReplaced(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		begins string // with which call of the store
		call   func(*shop) error
	}{
		"input": {"Load", func(s *shop) error { return s.Apply(context.Background(), bought("b", s.clock.Now())) }},
		"refund": {"Load", func(s *shop) error {
			return s.Apply(context.Background(), customer.Refund{ID: "r", Customer: "olga", Purchase: "a", At: s.clock.Now()})
		}},
		"new card": {"Load", func(s *shop) error { return s.Apply(context.Background(), customer.Customer{ID: "boris"}) }},
		"tick":     {"ClaimWakeUps", func(s *shop) error { _, err := s.Tick(context.Background()); return err }},
	} {
		for _, moment := range []string{"before " + c.begins, c.begins, "before Commit", "Commit"} {
			for _, met := range []bool{false, true} {
				t.Run(fmt.Sprint(name, " at ", moment, ", met ", met), func(t *testing.T) {
					t.Parallel()
					f := new(faulty)
					s := setup(t, edition(0), onFaulty(f))
					s.buys("a")
					s.clock.set(at("2026-03-03 12:00"))
					var wait func() pipeline.Redefinition
					meanwhile := func() {
						wait = s.replaceMeanwhile(edition(1))
						if met { // and a call under the new ones steps the same customers
							assert.NoError(t, s.Apply(context.Background(), customer.Customer{ID: "boris"}))
							s.does("x", "view")
						}
					}
					if method, before := strings.CutPrefix(moment, "before "); before {
						f.first[method] = meanwhile
					} else {
						f.then[method] = meanwhile
					}
					require.NoError(t, c.call(s))
					done := wait()
					assert.Equal(t, []string{"e0", "e1"}, s.editions("olga"))
					assert.Zero(t, counted(t, s, store.Query{NotUnder: done.Version}))
					switch name {
					case "new card":
						list := s.editions("boris")
						assert.Equal(t, "e1", list[len(list)-1])
					case "tick":
						assert.Equal(t, "waiting", s.stage(), "it was not lost")
					}
				})
			}
		}
	}
}

// Definitions change again and again while customers are added, buy and are
// ticked: nobody goes back, nobody is left behind, nothing is told twice.
func TestNobodyIsTakenBackWhileDefinitionsChange(t *testing.T) {
	t.Parallel()
	const customers, last = 30, 6
	s := emptyShop(t, edition(0), func(c *pipeline.Config) { c.Batch = 4 })
	for i := range customers {
		s.must(customer.Customer{ID: fmt.Sprintf("c%02d", i)})
	}
	var work sync.WaitGroup
	stop := make(chan struct{})
	for w := range 3 {
		work.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				p := bought(fmt.Sprint("w", w, "-", n), s.clock.Now())
				p.Customer = fmt.Sprintf("c%02d", (7*n+w)%customers)
				assert.NoError(t, s.Apply(context.Background(), p, customer.Customer{ID: fmt.Sprintf("b%d-%d", w, n%500)}))
				if n%5 == 0 {
					_, err := s.Tick(context.Background())
					assert.NoError(t, err)
					_, err = s.Explain(context.Background(), p.Customer, s.Definitions().Segments[0].ID, s.clock.Now())
					if err != nil {
						assert.ErrorIs(t, err, pipeline.ErrUnknownSegment) // replaced in between
					}
				}
			}
		})
	}
	var done pipeline.Redefinition
	for n := 1; n <= last; n++ {
		s.clock.set(s.clock.Now().AddDate(0, 0, 2))
		var told []pipeline.Redefinition
		done = s.redefine(edition(n), pipeline.RedefineOptions{Progress: func(p pipeline.Redefinition) { told = append(told, p) }})
		assert.True(t, slices.IsSortedFunc(told, func(a, b pipeline.Redefinition) int { return a.Customers - b.Customers }))
		assert.Zero(t, counted(t, s, store.Query{NotUnder: done.Version}), "when it returns, nobody is under another")
	}
	close(stop)
	work.Wait()
	assert.Zero(t, counted(t, s, store.Query{NotUnder: done.Version}))
	for rec, err := range s.Customers(t.Context(), store.Query{}) {
		require.NoError(t, err)
		list := s.editions(rec.Customer.ID)
		assert.True(t, slices.IsSorted(list), "%v", list)
		assert.Equal(t, fmt.Sprintf("e%d", last), list[len(list)-1])
		if rec.Customer.ID[0] == 'c' {
			assert.Equal(t, []string{"e0", "e1", "e2", "e3", "e4", "e5", "e6"}, list)
		}
	}
}

// Both engines on a store redefine at once: one of them moves each customer.
func TestTwoEnginesRedefineAtOnce(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, edition(0), func(c *pipeline.Config) { c.Batch = 3 })
	for i := range 20 {
		s.must(customer.Customer{ID: fmt.Sprintf("c%02d", i)})
	}
	engines := []*pipeline.Engine{s.Engine}
	s.restart()
	engines = append(engines, s.Engine)
	moved := make([]int, 2)
	var work sync.WaitGroup
	for i, e := range engines {
		work.Go(func() {
			done, err := e.Redefine(context.Background(), edition(1), pipeline.RedefineOptions{})
			assert.NoError(t, err)
			moved[i] = done.Customers
		})
	}
	work.Wait()
	assert.Equal(t, 20, moved[0]+moved[1])
	for i := range 20 {
		assert.Equal(t, []string{"e0", "e1"}, s.editions(fmt.Sprintf("c%02d", i)))
	}
}

// As long as two engines on one store have different definitions, each brings
// over whom it steps, as it is documented; when both are redefined it is over.
func TestEnginesOnOneStoreAreRedefinedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	s := setup(t, edition(0))
	one := s.Engine
	s.restart()
	two := s.Engine
	s.must(customer.Customer{ID: "boris"})
	redefine := func(e *pipeline.Engine) int {
		done, err := e.Redefine(t.Context(), edition(1), pipeline.RedefineOptions{})
		require.NoError(t, err)
		return done.Customers
	}
	assert.Equal(t, 2, redefine(one))
	require.NoError(t, two.RecordPurchase(t.Context(), bought("a", opening)))
	assert.Equal(t, []string{"e0", "e1", "e0"}, s.editions("olga"), "taken back by an engine that knows nothing else")
	assert.Equal(t, 1, redefine(two))
	assert.Zero(t, redefine(one))
	assert.Equal(t, []string{"e0", "e1", "e0", "e1"}, s.editions("olga"))
	assert.Equal(t, []string{"e0", "e1"}, s.editions("boris"))
	require.NoError(t, two.RecordPurchase(t.Context(), bought("b", opening)))
	require.NoError(t, one.RecordPurchase(t.Context(), bought("c", opening)))
	assert.Equal(t, []string{"e0", "e1", "e0", "e1"}, s.editions("olga"))
}

// A customer whom others keep changing does not keep the rest of a batch from
// being brought over.
func TestConflictsHoldUpOnlyThoseWhoChange(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, edition(0), onFaulty(f))
	s.must(customer.Customer{ID: "boris"})
	other, err := pipeline.New(s.cfg)
	require.NoError(t, err)
	n := 0
	var disturb func()
	disturb = func() {
		n++
		require.NoError(t, other.RecordActivity(context.Background(), customer.Activity{ID: fmt.Sprint(n), Customer: "olga", Name: "view", At: opening}))
		if n < 10 {
			f.first["Commit"] = disturb
		}
		rec, err := s.Customer(context.Background(), "boris")
		require.NoError(t, err)
		assert.Equal(t, n > 2, rec.Segments[0].Segment == "e1", "once with olga, once without her")
	}
	f.first["Commit"] = disturb
	done := s.redefine(edition(1))
	assert.Equal(t, 10, n)
	assert.Equal(t, 2, done.Customers)
	assert.Equal(t, []string{"e0", "e1"}, s.editions("olga"))
	assert.Equal(t, []string{"e0", "e1"}, s.editions("boris"))
}

// Whoever a tick had claimed is stepped by it even though the definitions were
// replaced, be it by the same, under which there is nobody to be brought over.
func TestClaimedWakeUpsAreNotLostWhenDefinitionsAreReplaced(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, of(nails()), onFaulty(f))
	s.buys("a")
	s.clock.set(at("2026-03-03 12:00"))
	finished := make(chan error)
	f.then["ClaimWakeUps"] = func() {
		saved := make(chan bool)
		f.then["SaveDefinitions"] = func() { close(saved) }
		go func() {
			_, err := s.Redefine(context.Background(), of(nails()), pipeline.RedefineOptions{})
			finished <- err
		}()
		<-saved
		for range 1000 {
			runtime.Gosched() // so that they are most likely in force
		}
	}
	p := s.tick(s.clock.Now())
	require.NoError(t, <-finished)
	assert.Equal(t, 1, p.Customers)
	assert.Equal(t, "waiting", s.stage())
}

// Whoever was brought over between being found and being loaded is left alone.
func TestCustomerBroughtOverMeanwhileIsLeftAlone(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, edition(0), onFaulty(f))
	f.first["Load"] = func() { s.does("x", "view") }
	done := s.redefine(edition(1))
	assert.Equal(t, pipeline.Redefinition{Version: done.Version}, done)
	assert.Equal(t, 2, int(s.record().Version))
	assert.Equal(t, []string{"e0", "e1"}, s.editions("olga"))
}

// Where another engine never lets go of a customer, Redefine gives up and says
// so, whatever else there is to say; called again, it goes on.
func TestRedefinitionGivesUpOnEndlessConflicts(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, edition(0), onFaulty(f))
	s.must(customer.Customer{ID: "boris"})
	other, err := pipeline.New(s.cfg)
	require.NoError(t, err)
	n := 0
	var disturb func()
	disturb = func() {
		n++
		require.NoError(t, other.RecordActivity(context.Background(), customer.Activity{ID: fmt.Sprint(n), Customer: "olga", Name: "view", At: opening}))
		f.first["Commit"] = disturb
	}
	f.first["Commit"] = disturb
	done, err := s.Redefine(t.Context(), unsettling(), firing)
	require.ErrorIs(t, err, pipeline.ErrConflict)
	assert.Equal(t, 1, done.Customers, "boris, who does not settle")
	clear(f.first)
	done, err = s.Redefine(t.Context(), unsettling(), firing)
	require.ErrorIs(t, err, pipeline.ErrUnsettled)
	assert.Equal(t, 1, done.Customers)
}
