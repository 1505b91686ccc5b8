package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/sqlite"
	"github.com/regulars-go/regulars/trigger"
)

// ahead is a clock that is some hours ahead, so that what the process before had
// leased is free again and its customers have moved on.
type ahead struct {
	clock.Clock
	by time.Duration
}

func (a ahead) Now() time.Time { return a.Clock.Now().Add(a.by) }

const killedCustomers = 8

// worker is an engine on the store in a folder, which notes in files beside it
// what the world has seen: what callers were told was taken in, and what was sent.
func worker(ctx context.Context, dir string, round int) (*pipeline.Engine, *sqlite.Store, error) {
	s, err := sqlite.Open(ctx, filepath.Join(dir, "shop.db"))
	if err != nil {
		return nil, nil, err
	}
	send := func(stage string) trigger.Trigger {
		return trigger.Trigger{ID: stage, On: trigger.StageEntered("cakes", stage), Steps: []trigger.Step{trigger.Send("sms", stage+" {{.Cycle.Number}}")}}
	}
	e, err := pipeline.New(pipeline.Config{
		Store: s, Clock: ahead{clock.New(), time.Duration(round) * time.Hour}, Batch: 3,
		Notifier: trigger.NotifierFunc(func(_ context.Context, d trigger.Delivery) error {
			return note(dir, "sent", d.ID+"|"+d.Text+"|"+d.At.Format(time.RFC3339Nano))
		}),
		Definitions: pipeline.Definitions{
			Pipelines: []pipeline.Pipeline{{ID: "cakes", Stages: []pipeline.Stage{
				{ID: "thank", From: pipeline.SincePurchase(customer.Days(0))},
				{ID: "ask", From: pipeline.SincePurchase(customer.Hours(1))},
			}}},
			Triggers: []trigger.Trigger{send("thank"), send("ask")},
		},
	})
	return e, s, err
}

// note appends a line with one write, which is there whatever becomes of the
// process.
func note(dir, name, line string) error {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}

// workUntilKilled applies purchases and sends what comes of them, in a folder and
// round.
func workUntilKilled(args []string) error {
	ctx, dir := context.Background(), args[0]
	round, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	e, _, err := worker(ctx, dir, round)
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	go func() {
		for {
			if _, err := e.Tick(ctx); err != nil {
				failed <- err
			}
		}
	}()
	go func() { failed <- buyForEver(ctx, e, dir, round) }()
	return <-failed
}

func buyForEver(ctx context.Context, e *pipeline.Engine, dir string, round int) error {
	for i := range killedCustomers {
		if err := e.AddCustomer(ctx, killedCustomer(i)); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		var inputs []customer.Input
		var lines []string
		for i := range 1 + n%5 {
			p := customer.Purchase{
				ID: fmt.Sprintf("p-%d-%d-%d", round, n, i), Customer: killedCustomer((n + i) % killedCustomers).ID,
				At: time.Now().Add(time.Duration(round) * time.Hour), Amount: 100,
			}
			inputs, lines = append(inputs, p), append(lines, p.Customer+"|"+p.ID)
		}
		if err := e.Apply(ctx, inputs...); err != nil {
			return err
		}
		if err := note(dir, "taken", strings.Join(lines, "\n")); err != nil {
			return err
		}
	}
}

func killedCustomer(i int) customer.Customer {
	return customer.Customer{ID: fmt.Sprintf("c%d", i), Since: noon, Phones: []string{"+49170"}}
}

// TestKilledAgainAndAgain kills a process that writes and sends, at any moment,
// over and over: nothing is lost, nothing is there twice, and what is sent twice
// is the same under the same ID.
func TestKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for round := range rounds {
		kill(t, dir, round, rng)
	}
	e, s, err := worker(t.Context(), dir, rounds+24)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close()) }()
	_, err = e.Tick(t.Context())
	require.NoError(t, err)
	checkKilled(t, dir, e, s)
}

// kill lets a process work for a moment behind its first commit of the round.
func kill(t *testing.T, dir string, round int, rng *rand.Rand) {
	t.Helper()
	child := newChild(t, "works", dir, strconv.Itoa(round))
	require.NoError(t, child.Start())
	mark := fmt.Sprintf("|p-%d-", round)
	require.Eventually(t, func() bool {
		text, _ := os.ReadFile(filepath.Join(dir, "taken"))
		return strings.Contains(string(text), mark)
	}, time.Minute, 5*time.Millisecond, "the process has begun")
	time.Sleep(time.Duration(rng.IntN(60_000)) * time.Microsecond)
	require.NoError(t, child.Process.Kill())
	_ = child.Wait()
	require.Empty(t, child.output.String())
}

// lines returns those of a file; the last one may be cut off.
func lines(t *testing.T, dir, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	all := strings.Split(string(text), "\n")
	return all[:len(all)-1]
}

func checkKilled(t *testing.T, dir string, e *pipeline.Engine, s *sqlite.Store) {
	t.Helper()
	var ok string
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "pragma integrity_check").Scan(&ok))
	require.Equal(t, "ok", ok)

	fired := make(map[string]int) // runs, which have the IDs of their deliveries but for the step
	bought := make(map[string]bool)
	for l, err := range s.Find(t.Context(), store.Query{Reach: everything}) {
		require.NoError(t, err)
		id := l.Record.Customer.ID
		assert.Equal(t, len(l.Purchases), l.Record.Totals.Count, "purchases of %s", id)
		for _, p := range l.Purchases {
			bought[id+"|"+p.ID] = true
		}
		purchased := make(map[string]int)
		for _, event := range gather(t, e.Timeline(t.Context(), id)) {
			switch event.Kind {
			case customer.Purchased:
				purchased[event.Ref]++
			case customer.TriggerFired:
				fired[event.Ref+"/0"]++
			}
		}
		assert.Len(t, purchased, len(l.Purchases))
		for ref, n := range purchased {
			assert.Equal(t, 1, n, "%s on the timeline of %s", ref, id)
		}
	}
	for _, line := range lines(t, dir, "taken") {
		assert.True(t, bought[line], "%s was taken in, and is lost", line)
	}
	checkSent(t, dir, s, fired)
}

// checkSent holds what the world received against the outbox.
func checkSent(t *testing.T, dir string, s *sqlite.Store, fired map[string]int) {
	t.Helper()
	sent := make(map[string]string)
	twice := 0
	for _, line := range lines(t, dir, "sent") {
		id, text, _ := strings.Cut(line, "|")
		if before, again := sent[id]; again {
			twice++
			assert.Equal(t, before, text, "%s with other content", id)
		}
		sent[id] = text
	}
	outbox := make(map[string]bool)
	for _, d := range gather(t, s.Deliveries(t.Context(), store.DeliveryQuery{})) {
		assert.False(t, outbox[d.ID], "%s is in the outbox twice", d.ID)
		outbox[d.ID] = true
		assert.Equal(t, store.Sent, d.State, d.ID)
		assert.Contains(t, sent, d.ID)
		assert.Equal(t, 1, fired[d.ID], "%s has a cause", d.ID)
	}
	assert.Len(t, outbox, len(fired), "each cause has its delivery")
	assert.Len(t, sent, len(outbox), "nothing was sent that is not in the outbox")
	t.Logf("%d deliveries; %d were sent once more, under the same ID", len(outbox), twice)
}
