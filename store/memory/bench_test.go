package memory_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/trigger"
)

// sizes are numbers of customers; a million take minutes to open.
func sizes() []int {
	if testing.Short() {
		return []int{10_000}
	}
	return []int{10_000, 100_000, 1_000_000}
}

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// shop returns a store of n customers as PERF.md measures them: five purchases,
// ten memberships and 25 events each. No two wake in the same microsecond.
var shop = func() func(n int) *memory.Store {
	var mu sync.Mutex
	shops := make(map[int]*memory.Store)
	return func(n int) *memory.Store {
		mu.Lock()
		defer mu.Unlock()
		if shops[n] == nil {
			shops[n] = memory.New()
			open(shops[n], n)
		}
		return shops[n]
	}
}()

func open(s *memory.Store, n int) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, i := range rng.Perm(n) { // customers come in no order
		if err := s.Commit(context.Background(), regular(i, rng)); err != nil {
			panic(err)
		}
	}
}

func customerID(i int) string { return fmt.Sprintf("c-%07d", i) }

// regular returns the change that makes customer i all at once.
func regular(i int, rng *rand.Rand) store.Change {
	id := customerID(i)
	c := store.Change{Record: store.Record{
		Customer: customer.Customer{
			ID: id, Since: noon, Name: fmt.Sprintf("Customer %d", i),
			Emails: []string{fmt.Sprintf("customer%d@example.org", i)}, Phones: []string{fmt.Sprintf("+49170%07d", i)},
			Source: "web", Locale: "de-DE", Consents: []customer.Consent{{Channel: "email", Granted: true, At: noon}},
		},
		Counters: []trigger.Counter{{Trigger: "thank-you", Fired: 5, Last: noon, Cycle: fmt.Sprintf("order-%d", i*5+4)}},
		AsOf:     noon, Wake: noon.Add(time.Hour + time.Duration(i)*time.Microsecond),
	}}
	for j := range 5 {
		buy(&c, fmt.Sprintf("order-%d", i*5+j), noon.Add(time.Duration(j-5)*17*24*time.Hour-time.Duration(rng.Int64N(1e15))))
	}
	for _, j := range rng.Perm(100)[:10] {
		name := fmt.Sprintf("segment-%02d", j)
		c.Record.Segments = append(c.Record.Segments, segment.Membership{Segment: name, Since: c.Purchases[j%5].At})
	}
	slices.SortFunc(c.Record.Segments, func(a, b segment.Membership) int { return strings.Compare(a.Segment, b.Segment) })
	return c
}

// buy adds a purchase and the five events that come of it.
func buy(c *store.Change, id string, at time.Time) {
	at = at.Truncate(time.Microsecond)
	c.Purchases = append(c.Purchases, customer.Purchase{
		ID: id, Customer: c.Record.Customer.ID, At: at, Amount: 4_990, Source: "web",
		Items: []customer.Item{{SKU: "cake-12", Category: "cakes", Quantity: 1, Amount: 4_990}},
	})
	n := c.Record.Totals.Count + 1
	event := func(kind customer.EventKind, e customer.Event) {
		e.Kind, e.At, e.Known = kind, at, at
		c.Events = append(c.Events, e)
	}
	event(customer.Purchased, customer.Event{Ref: id, Amount: 4_990})
	event(customer.CycleStarted, customer.Event{Pipeline: "cakes", Cycle: n, Ref: id})
	event(customer.StageEntered, customer.Event{Pipeline: "cakes", Stage: "thank", Cycle: n})
	event(customer.SegmentEntered, customer.Event{Segment: fmt.Sprintf("segment-%02d", n)})
	event(customer.TriggerFired, customer.Event{Trigger: "thank-you", Ref: fmt.Sprintf("%s/thank-you/%d", c.Record.Customer.ID, n)})
	c.Record.Totals = customer.Totals{Count: n, Total: int64(n) * 4_990, Max: 4_990, First: at, Last: at}
	c.Record.Cycles = []customer.Cycle{{
		Pipeline: "cakes", Number: n, Purchase: id, Started: at, Next: at.AddDate(0, 1, 0), NextBy: customer.ByPipeline,
		Stage: "thank", Entered: at, Due: at.AddDate(0, 0, 7),
	}}
}

// serial numbers the purchases that benchmarks make, each of which is new.
var serial atomic.Int64

func BenchmarkCommitPurchase(b *testing.B) { benchmarkCommit(b, purchased) }

func BenchmarkCommitWakeUp(b *testing.B) { benchmarkCommit(b, rearmed) }

func benchmarkCommit(b *testing.B, change func(r store.Record, id string) store.Change) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := shop(n)
			rng := rand.New(rand.NewPCG(3, 4))
			changes := make([]store.Change, 1000)
			for b.Loop() {
				b.StopTimer()
				first, step := rng.IntN(n), n/len(changes) // far apart, no two the same
				for i := range changes {
					changes[i] = change(record(b, s, (first+i*step)%n), fmt.Sprintf("new-%d", serial.Add(1)))
				}
				b.StartTimer()
				for i := range changes {
					if err := s.Commit(b.Context(), changes[i]); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(changes)), "ns/commit")
		})
	}
}

func record(b *testing.B, s *memory.Store, i int) store.Record {
	b.Helper()
	loaded, err := s.Load(b.Context(), store.Request{Customer: customerID(i)})
	if err != nil {
		b.Fatal(err)
	}
	return loaded[0].Record
}

// purchased returns a purchase by which the customer leaves a segment.
func purchased(r store.Record, id string) store.Change {
	c := rearmed(r, id)
	buy(&c, id, c.Record.AsOf)
	if len(r.Segments) > 1 {
		c.Record.Segments = r.Segments[1:]
	}
	return c
}

// rearmed returns a wake-up that finds nothing to do.
func rearmed(r store.Record, _ string) store.Change {
	r.AsOf, r.Wake = r.AsOf.Add(time.Hour), r.Wake.Add(time.Hour)
	return store.Change{Record: r}
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := shop(n)
			rng := rand.New(rand.NewPCG(5, 6))
			reach := segment.Reach{Purchases: 90 * 24 * time.Hour}
			for b.Loop() {
				q := store.Request{Customer: customerID(rng.IntN(n)), Reach: reach, PurchaseIDs: []string{"new"}}
				if _, err := s.Load(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkClaimNothing(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := shop(n)
			claim := store.Claim{Now: noon, Limit: 1000, Lease: time.Minute}
			for b.Loop() {
				if loaded, err := s.ClaimWakeUps(b.Context(), claim); err != nil || len(loaded) > 0 {
					b.Fatal(len(loaded), err)
				}
			}
		})
	}
}

func BenchmarkClaim100(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := shop(n)
			claim := store.Claim{Now: noon.AddDate(1, 0, 0), Limit: 100, Lease: time.Microsecond}
			for b.Loop() {
				claim.Now = claim.Now.Add(time.Microsecond) // the leases before have ended
				if loaded, err := s.ClaimWakeUps(b.Context(), claim); err != nil || len(loaded) != 100 {
					b.Fatal(len(loaded), err)
				}
			}
		})
	}
}

// BenchmarkFind reads everybody, with five purchases each or without. Of a
// million customers, on one of two cores shared with others, one takes 1.4 to
// 1.8 µs, and 1.9 to 3.1 µs with the purchases, where the query allows Reuse.
// Where everyone is to be kept it is 3.5 to 4.3 µs and 8 to 10 µs: two kilobytes
// in a dozen pieces each, which the garbage collector goes through meanwhile.
func BenchmarkFind(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := shop(n)
			everything := segment.Reach{AllPurchases: true}
			for _, row := range []struct {
				name string
				q    store.Query
			}{
				{"record", store.Query{}},
				{"purchases", store.Query{Reach: everything}},
				{"record-reuse", store.Query{Reuse: true}},
				{"purchases-reuse", store.Query{Reach: everything, Reuse: true}},
			} {
				b.Run(row.name, func(b *testing.B) {
					b.ReportAllocs()
					benchmarkFind(b, s, row.q)
				})
			}
		})
	}
}

func benchmarkFind(b *testing.B, s *memory.Store, q store.Query) {
	n := 0
	for b.Loop() {
		for _, err := range s.Find(b.Context(), q) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/customer")
}

func BenchmarkMemory(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				s := memory.New()
				open(s, n)
				b.ReportMetric(float64(heap()-before)/float64(n), "B/customer")
				runtime.KeepAlive(s)
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
