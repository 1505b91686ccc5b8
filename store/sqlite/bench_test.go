package sqlite

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/store/internal/row"
	"github.com/regulars-go/regulars/trigger"
)

var opening = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// bench is a store of n customers.
type bench struct {
	*Store
	rng      *rand.Rand
	path     string
	versions []uint64
	wakes    []time.Time
	serial   int
}

func newBench(b testing.TB, n int) *bench {
	b.Helper()
	path := filepath.Join(b.TempDir(), "shop.db")
	s, err := Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	x := &bench{Store: s, rng: rand.New(rand.NewPCG(1, 2)), path: path, versions: make([]uint64, n), wakes: make([]time.Time, n)}
	if err := s.Commit(b.Context(), x.first()); err != nil {
		b.Fatal(err)
	}
	x.multiply(b, n)
	return x
}

// first is how each customer came: with a purchase, and nothing left in the outbox,
// which is short in a shop.
func (x *bench) first() store.Change {
	c := x.change(0)
	c.Record.Wake, c.Deliveries = opening.AddDate(0, 0, 1), nil
	return c
}

// multiply makes copies of the first customer, which come in no order, as if they
// had been committed, but for cards and look-ups, which nothing here goes to. It
// takes a tenth of the time. What is packed has no ID in it, and a text that begins
// with the ID is the text of whosoever it is.
func (x *bench) multiply(b testing.TB, n int) {
	b.Helper()
	pen := <-x.pen
	defer func() { x.pen <- pen }()
	for _, query := range []string{
		fmt.Sprintf("pragma cache_size = -%d", 1<<20),
		`create temp table fresh (n integer primary key, place integer, customer text)`,
		fmt.Sprintf(`insert into fresh with recursive s(n) as (select 1 union all select n + 1 from s where n < %d)
			select n, n * 7919 %% %d, printf('c-%%07d', n * 7919 %% %d) from s`, n-1, n, n), // 7919 is prime
		`insert into customers (customer, version, as_of, due, definitions, cycles, record)
			select f.customer, version, as_of, due + place * 7907 % 2592000 * 1000000, definitions, cycles, record
			from fresh f cross join customers c where c.id = 1 order by n`,
		`insert into stages select pipeline, stage, f.customer from fresh f cross join stages c where c.customer = 'c-0000000' order by f.customer`,
		`insert into purchases select f.customer, id, at, amount, refunded, source, data
			from fresh f cross join purchases c where c.customer = 'c-0000000' order by n`,
		`insert into timeline (customer, events) select f.customer, events from fresh f cross join timeline c where c.seq = 1 order by n`,
		`drop table fresh`,
		fmt.Sprintf("pragma cache_size = -%d", x.cfg.Cache>>10),
		`pragma wal_checkpoint(truncate)`,
	} {
		if err := pen.exec(query); err != nil {
			b.Fatal(err, query)
		}
	}
	for i := range x.versions {
		x.versions[i] = 1
		x.wakes[i] = opening.AddDate(0, 0, 1).Add(time.Duration(i*7907%(30*24*3600)) * time.Second)
	}
}

func (x *bench) changes(places []int) []store.Change {
	changes := make([]store.Change, len(places))
	for i, place := range places {
		changes[i] = x.change(place)
		x.versions[place]++
	}
	return changes
}

// change is a purchase as an engine commits it: the cycle begins anew, five
// entries go to the timeline, and a message into the outbox.
func (x *bench) change(place int) store.Change {
	x.serial++
	id, ref := fmt.Sprintf("c-%07d", place), fmt.Sprintf("order-%d", x.serial)
	n := int(x.versions[place]) + 1
	at := opening.Add(time.Duration(x.serial) * time.Millisecond)
	event := func(e customer.Event) customer.Event {
		e.At, e.Known = at, at
		return e
	}
	c := store.Change{
		Record: store.Record{
			Customer: customer.Customer{
				ID: id, Since: opening, Name: id + " Example", Emails: []string{id + "@example.org"}, Phones: []string{id + "-mobile"}, Source: "web",
			},
			Totals: customer.Totals{Count: n, Total: int64(n) * 4990, Max: 4990, First: opening, Last: at},
			Cycles: []customer.Cycle{{
				Pipeline: "cakes", Number: n, Purchase: ref, Started: at, Next: at.AddDate(0, 1, 0), Stage: "thank", Entered: at, Due: at.AddDate(0, 0, 7),
			}},
			Counters: []trigger.Counter{{Trigger: "thank-you", Fired: n, Last: at, Cycle: ref}},
			AsOf:     at, Wake: x.wake(place, at), Definitions: "v1", Version: x.versions[place],
		},
		Purchases: []customer.Purchase{{
			ID: ref, Customer: id, At: at, Amount: 4990, Source: "web", Items: []customer.Item{{SKU: "cake-12", Category: "cakes", Quantity: 1, Amount: 4990}},
		}},
		Events: []customer.Event{
			event(customer.Event{Kind: customer.Purchased, Ref: ref, Amount: 4990}),
			event(customer.Event{Kind: customer.CycleStarted, Pipeline: "cakes", Cycle: n, Ref: ref}),
			event(customer.Event{Kind: customer.StageEntered, Pipeline: "cakes", Stage: "thank", Cycle: n}),
			event(customer.Event{Kind: customer.SegmentEntered, Segment: "active"}),
			event(customer.Event{Kind: customer.TriggerFired, Trigger: "thank-you", Ref: id + "/thank-you"}),
		},
		Deliveries: []trigger.Delivery{{
			ID: fmt.Sprintf("%s/thank-you/%d/0", id, n), Customer: id, Trigger: "thank-you", Kind: trigger.MessageKind, Channel: "sms",
			To: "+49" + id, Text: "Thank you! Here is 10 % off your next cake.", At: at,
			Cause: event(customer.Event{Kind: customer.Purchased, Ref: ref, Amount: 4990}),
		}},
	}
	for i := range 5 {
		c.Record.Segments = append(c.Record.Segments, segment.Membership{Segment: fmt.Sprintf("segment-%02d", i), Since: opening})
	}
	return c
}

// wake returns the next wake-up: as an engine leaves it, it moves only to an
// earlier time.
func (x *bench) wake(place int, at time.Time) time.Time {
	wake := at.Add(time.Duration(x.rng.IntN(30*24*3600)) * time.Second)
	if was := x.wakes[place]; was.IsZero() || wake.Before(was) {
		x.wakes[place] = wake
	}
	return x.wakes[place]
}

// some returns places far apart, no two the same.
func (x *bench) some(n int) []int {
	places := make([]int, n)
	first, apart := x.rng.IntN(len(x.versions)), len(x.versions)/n
	for i := range places {
		places[i] = (first + i*apart) % len(x.versions)
	}
	x.rng.Shuffle(n, func(i, j int) { places[i], places[j] = places[j], places[i] })
	return places
}

func sizes() []int {
	if testing.Short() {
		return []int{10_000}
	}
	return []int{10_000, 100_000, 1_000_000}
}

// BenchmarkCommit commits purchases, beside a bare loop over the same statements
// on the same database.
//
// How an event grows with the number of customers, in batches of 1000: CPU time,
// because two cores were busy with much else and the clock on the wall said between
// 90 and 590 µs of the same work. Medians of three rounds of ten batches, the store
// and the bare loop in turn; each line is a run.
//
//	10,000 → 100,000 customers    76 → 113 µs   bare  90 → 110 µs
//	10,000 → 1,000,000            91 → 156 µs   bare 101 → 146 µs
//
// That is 1.7 times as much, and 1.4 for the bare loop: at a million, 6,400 events a
// second of such CPU time. By the clock on the wall, when it was quiet: 14,900 events a
// second at 10,000 customers and 4,300 at a million on a disk, 14,400 and 7,200 on one in
// memory; the bare loop was within a tenth of that.
func BenchmarkCommit(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint("customers=", n), func(b *testing.B) {
			x := newBench(b, n)
			for _, batch := range []int{1, 100, 1000} {
				b.Run(fmt.Sprintf("batch=%d/store", batch), func(b *testing.B) {
					x.measure(b, batch, func(changes []store.Change) error { return x.Commit(b.Context(), changes...) })
				})
				b.Run(fmt.Sprintf("batch=%d/bare", batch), func(b *testing.B) {
					bare := newBareLoop(b, x)
					x.measure(b, batch, bare.run)
				})
			}
		})
	}
}

// measure commits batch after batch, at least a thousand events at a time, which
// are made while the clock stands.
func (x *bench) measure(b *testing.B, batch int, commit func([]store.Change) error) {
	b.Helper()
	events := max(1000, batch)
	for b.Loop() {
		b.StopTimer()
		changes := x.changes(x.some(events))
		b.StartTimer()
		for part := range slices.Chunk(changes, batch) {
			if err := commit(part); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N*events)/b.Elapsed().Seconds(), "events/s")
}

// bareLoop runs the statements of a commit and does nothing else: nothing is
// checked or compared.
type bareLoop struct{ *session }

// bareRow is what is written of one event.
type bareRow struct{ update, purchase, timeline, delivery []any }

func newBareLoop(b *testing.B, x *bench) *bareLoop {
	b.Helper()
	c, err := x.open(b.Context(), true)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.close() })
	return &bareLoop{c}
}

func (l *bareLoop) row(c *store.Change, was *stored, turn int64) bareRow {
	r, p, d := &c.Record, &c.Purchases[0], &c.Deliveries[0]
	id := r.Customer.ID
	packed, _ := l.pen.Record(r)
	packed = slices.Clone(packed)
	out := row.NewDelivery(l.pen, id, d)
	return bareRow{
		update:   []any{r.AsOf.UnixMicro(), r.Definitions, string(row.AppendCycles(nil, r.Cycles)), packed, optional(r.Wake), was.id},
		purchase: []any{id, p.ID, p.At.UnixMicro(), p.Amount, 0, p.Source, []byte(pack.Purchases.Append(l.pen, id, "", p))},
		timeline: []any{id, string(row.AppendEvents(l.pen, nil, id, c.Events))},
		delivery: []any{turn, id, d.ID, d.Trigger, int(d.Kind), d.Channel, d.To, d.Subject, d.Text, d.URL, d.At.UnixMicro(), out.Rest},
	}
}

func (l *bareLoop) run(changes []store.Change) error {
	if err := l.exec("begin immediate"); err != nil {
		return err
	}
	var turn int64
	if _, err := l.one(lastTurn, nil, &turn); err != nil {
		return err
	}
	for i := range changes {
		var was stored
		c := &changes[i]
		if _, err := l.one(selectStored, []any{c.Record.Customer.ID}, &was.id, &was.version, &was.due, &was.record, &was.leased); err != nil {
			return err
		}
		turn++
		r := l.row(c, &was, turn)
		for _, s := range []struct {
			query string
			args  []any
		}{
			{updateDue, r.update},
			{putPurchase, r.purchase},
			{appendTimeline, r.timeline},
			{insertDelivery, r.delivery},
		} {
			if err := l.exec(s.query, s.args...); err != nil {
				return err
			}
		}
	}
	return l.exec("commit")
}

// BenchmarkCommitTogether has many callers commit one purchase each, as the
// handlers of a web server do; Full waits for the disk.
func BenchmarkCommitTogether(b *testing.B) {
	for _, full := range []bool{false, true} {
		for _, callers := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("full=%v/callers=%d", full, callers), func(b *testing.B) {
				s, err := Config{Full: full}.Open(b.Context(), filepath.Join(b.TempDir(), "shop.db"))
				if err != nil {
					b.Fatal(err)
				}
				defer s.Close()
				x := &bench{Store: s, rng: rand.New(rand.NewPCG(1, 2)), versions: make([]uint64, 2048), wakes: make([]time.Time, 2048)}
				x.measure(b, 1000, func(changes []store.Change) error { return together(b, s, changes, callers) })
			})
		}
	}
}

func together(b *testing.B, s *Store, changes []store.Change, callers int) error {
	b.Helper()
	var work sync.WaitGroup
	errs := make(chan error, callers)
	for i := range callers {
		work.Go(func() {
			for j := i; j < len(changes); j += callers {
				if err := s.Commit(b.Context(), changes[j]); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	work.Wait()
	close(errs)
	return <-errs
}

// BenchmarkTick claims what is due, loads it and commits a change of each.
func BenchmarkTick(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint("customers=", n), func(b *testing.B) {
			x := newBench(b, n)
			b.Run("nothing", func(b *testing.B) {
				claim := store.Claim{Now: opening, Limit: 500, Lease: time.Minute}
				for b.Loop() {
					if loaded, err := x.ClaimWakeUps(b.Context(), claim); err != nil || len(loaded) > 0 {
						b.Fatal(len(loaded), err)
					}
				}
			})
			b.Run("500", func(b *testing.B) { x.tick(b, 500) })
		})
	}
}

func (x *bench) tick(b *testing.B, limit int) {
	b.Helper()
	for b.Loop() {
		x.wakeUp(b, limit)
	}
	b.ReportMetric(float64(b.N*limit)/b.Elapsed().Seconds(), "wake-ups/s")
}

// wakeUp claims some wake-ups, at a time when there are enough, and commits what
// comes of them: the next, somewhere among the others.
func (x *bench) wakeUp(b testing.TB, limit int) {
	b.Helper()
	claim := store.Claim{
		Now: opening.AddDate(1, 0, 0), Limit: limit, Lease: time.Minute, Reach: segment.Reach{Purchases: 400 * 24 * time.Hour},
	}
	loaded, err := x.ClaimWakeUps(b.Context(), claim)
	if err != nil || len(loaded) != limit {
		b.Fatal(len(loaded), err)
	}
	changes := make([]store.Change, len(loaded))
	for i := range loaded {
		r := loaded[i].Record
		r.AsOf, r.Wake = claim.Now, opening.Add(time.Duration(x.rng.IntN(60*24*3600))*time.Second)
		changes[i] = store.Change{Record: r}
		place, err := strconv.Atoi(strings.TrimPrefix(r.Customer.ID, "c-"))
		if err != nil {
			b.Fatal(err)
		}
		x.versions[place], x.wakes[place] = r.Version+1, r.Wake
	}
	if err := x.Commit(b.Context(), changes...); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDeliver claims deliveries and settles them.
func BenchmarkDeliver(b *testing.B) {
	x := newBench(b, 10_000)
	const limit, filled = 250, 10_000
	left := 0
	for b.Loop() {
		if left < limit {
			b.StopTimer()
			x.fill(b, filled)
			left = filled
			b.StartTimer()
		}
		x.deliver(b, limit)
		left -= limit
	}
	b.ReportMetric(float64(b.N*limit)/b.Elapsed().Seconds(), "deliveries/s")
}

// fill puts deliveries into the outbox, one for each of some customers.
func (x *bench) fill(b testing.TB, n int) {
	b.Helper()
	if err := x.Commit(b.Context(), x.changes(x.some(n))...); err != nil {
		b.Fatal(err)
	}
}

// deliver claims some deliveries and settles them.
func (x *bench) deliver(b testing.TB, limit int) {
	b.Helper()
	claim := store.Claim{Now: opening.AddDate(1, 0, 0), Limit: limit, Lease: time.Minute}
	out, err := x.ClaimDeliveries(b.Context(), claim)
	if err != nil || len(out) != limit {
		b.Fatal(len(out), err)
	}
	outcomes := make([]store.Outcome, len(out))
	for i, d := range out {
		outcomes[i] = store.Outcome{
			Customer: d.Customer, Delivery: d.ID, Attempt: d.Attempts, State: store.Sent, Due: claim.Now,
			Event: customer.Event{Kind: customer.DeliverySent, At: claim.Now, Known: claim.Now, Ref: d.ID, Name: "sms"},
		}
	}
	if err := x.Settle(b.Context(), outcomes...); err != nil {
		b.Fatal(err)
	}
}
