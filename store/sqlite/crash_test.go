package sqlite_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
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

// hands is a clock that stands until it is set.
type hands struct {
	clock.Clock
	now time.Time
}

func (h *hands) Now() time.Time { return h.now }

// observed is a store that says which of its methods is at work.
type observed struct{ store.Store }

func (o observed) Commit(ctx context.Context, changes ...store.Change) error {
	crash.enter("commit")
	return o.Store.Commit(ctx, changes...)
}

func (o observed) ClaimWakeUps(ctx context.Context, claim store.Claim) ([]store.Loaded, error) {
	crash.enter("claim wake-ups")
	return o.Store.ClaimWakeUps(ctx, claim)
}

func (o observed) ClaimDeliveries(ctx context.Context, claim store.Claim) ([]store.Outgoing, error) {
	crash.enter("claim deliveries")
	return o.Store.ClaimDeliveries(ctx, claim)
}

func (o observed) Settle(ctx context.Context, outcomes ...store.Outcome) error {
	crash.enter("settle")
	return o.Store.Settle(ctx, outcomes...)
}

func (o observed) SaveDefinitions(ctx context.Context, version string, document []byte) error {
	crash.enter("save definitions")
	return o.Store.SaveDefinitions(ctx, version, document)
}

// play is a day in a shop: purchases that come one by one and together, wake-ups,
// messages that are sent and one that is not, a refund and a refusal. It takes in
// again what a process that was killed has taken in already. While a message is under
// way, it calls sending.
func play(dir, driver string, sending func(*sqlite.Store) error) error {
	ctx := context.Background()
	db, err := sql.Open(driver, "file:"+filepath.Join(dir, "shop.db")+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer db.Close()
	s, err := sqlite.New(ctx, db)
	if err != nil {
		return err
	}
	defer s.Close()
	now := &hands{Clock: clock.New(), now: noon}
	e, err := pipeline.New(pipeline.Config{
		Store: observed{s}, Clock: now, Batch: 2, Definitions: day(),
		Notifier: trigger.NotifierFunc(func(_ context.Context, d trigger.Delivery) error {
			crash.enter("send")
			crash.pass("before it is sent")
			defer crash.pass("after it was sent")
			if err := sending(s); err != nil {
				return err
			}
			if d.Customer == "igor" {
				return trigger.Permanent(errors.New("no such number"))
			}
			return note(dir, "sent", d.ID+"|"+d.Text+"|"+d.At.Format(time.RFC3339Nano))
		}),
	})
	if err != nil {
		return err
	}
	for _, act := range acts {
		now.now = noon.Add(act.after)
		if err := e.Apply(ctx, act.inputs...); err != nil {
			return fmt.Errorf("after %v: %w", act.after, err)
		}
		if _, err := e.Tick(ctx); err != nil {
			return fmt.Errorf("after %v: %w", act.after, err)
		}
	}
	return nil
}

func nothing(*sqlite.Store) error { return nil }

// acts are what happens, and when. At the last all leases of a process that was
// killed have run out.
var acts = []struct {
	after  time.Duration
	inputs []customer.Input
}{
	{0, []customer.Input{bearer("olga"), bearer("igor"), bearer("anna")}},
	{0, []customer.Input{bought("olga", "1", 0)}},
	{time.Minute, []customer.Input{bought("anna", "1", time.Minute), bought("igor", "1", time.Minute), bought("olga", "2", time.Minute)}},
	{2 * time.Hour, nil},
	{3 * time.Hour, []customer.Input{
		customer.Refund{ID: "r", Customer: "olga", Purchase: "2", At: noon.Add(3 * time.Hour)},
		customer.Refusal{Customer: "anna", By: customer.By{Reason: "moved away", At: noon.Add(3 * time.Hour)}},
	}},
	{24 * time.Hour, nil},
	{25 * time.Hour, nil},
}

func bearer(id string) customer.Customer {
	return customer.Customer{ID: id, Since: noon, Phones: []string{"+49170"}}
}

func bought(who, id string, after time.Duration) customer.Purchase {
	return customer.Purchase{ID: id, Customer: who, At: noon.Add(after), Amount: 100}
}

func day() pipeline.Definitions {
	send := func(id string, on trigger.On) trigger.Trigger {
		return trigger.Trigger{ID: id, On: on, Steps: []trigger.Step{
			trigger.Send("sms", id+" {{.Cycle.Number}}"), trigger.Wait(customer.Hours(5)), trigger.Send("sms", id+" again"),
		}}
	}
	return pipeline.Definitions{
		Pipelines: []pipeline.Pipeline{{ID: "cakes", Stages: []pipeline.Stage{
			{ID: "thank", From: pipeline.SincePurchase(customer.Days(0))},
			{ID: "ask", From: pipeline.SincePurchase(customer.Hours(1))},
		}}},
		Triggers: []trigger.Trigger{send("thanks", trigger.Purchase()), send("ask", trigger.StageEntered("cakes", "ask"))},
	}
}

// playUntilKilled plays in a folder until the point of a number. With 0 it plays to
// the end and writes down which points there are.
func playUntilKilled(args []string) (err error) {
	dir := args[0]
	if crash.last, err = strconv.Atoi(args[1]); err != nil {
		return err
	}
	if err := play(dir, "crashing", nothing); err != nil {
		return err
	}
	return note(dir, "points", strings.Join(crash.passed, "\n"))
}

// came is what came of it all, but for when, after how many attempts and by how many
// commits: who was killed does some things later, and some again.
func came(t *testing.T, dir string) string {
	t.Helper()
	s := modernc(t, filepath.Join(dir, "shop.db"))
	var ok string
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "pragma integrity_check").Scan(&ok))
	require.Equal(t, "ok", ok)
	var all []any
	settled := make(map[string]int)
	for _, l := range gather(t, s.Find(t.Context(), store.Query{Reach: everything})) {
		l.Record.Version = 0
		all = append(all, l)
		for _, e := range gather(t, s.Timeline(t.Context(), l.Record.Customer.ID)) {
			if e.Kind == customer.DeliverySent || e.Kind == customer.DeliveryDead {
				settled[e.Ref+" "+e.Kind.String()]++
				continue
			}
			all = append(all, e)
		}
	}
	for _, d := range gather(t, s.Deliveries(t.Context(), store.DeliveryQuery{})) {
		d.Due, d.Attempts = time.Time{}, 0
		all = append(all, d)
	}
	text, err := json.MarshalIndent(append(all, settled), "", " ")
	require.NoError(t, err)
	return string(text)
}

// received is what the world has seen, by ID; that twice under one ID must be the same.
func received(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	for _, line := range lines(t, dir, "sent") {
		id, text, _ := strings.Cut(line, "|")
		if before, again := texts[id]; again {
			require.Equal(t, before, text, "%s with other content", id)
		}
		texts[id] = text
	}
	return texts
}

// TestKilledAtEveryPoint kills a process at one point after the other: ahead of every
// statement that a migration, a commit, a claim or a settlement consists of, behind
// every commit, and before and after every message. The next process ends where one does that was
// never killed.
func TestKilledAtEveryPoint(t *testing.T) {
	t.Parallel()
	calm := t.TempDir()
	whole := newChild(t, "plays", calm, "0")
	require.NoError(t, whole.Run(), whole.output.String())
	want, sent, all := came(t, calm), received(t, calm), lines(t, calm, "points")
	for _, must := range []string{
		"open: before begin immediate", "open: before commit", "open: after commit",
		"save definitions: after commit",
		"commit: before begin immediate", "commit: before commit", "commit: after commit",
		"claim wake-ups: before begin immediate", "claim wake-ups: before commit", "claim wake-ups: after commit",
		"claim deliveries: before begin immediate", "claim deliveries: before commit", "claim deliveries: after commit",
		"send: before it is sent", "send: after it was sent",
		"settle: before begin immediate", "settle: before commit", "settle: after commit",
	} {
		require.Contains(t, all, must)
	}
	for i := 1; i < len(all); i++ {
		empty := strings.HasSuffix(all[i-1], "before begin immediate") && strings.HasSuffix(all[i], "before commit")
		require.False(t, empty, "a transaction for nothing, at point %d, %s", i, all[i])
	}
	step := 1
	if testing.Short() {
		step = 13
	}
	t.Logf("%d points, %d messages", len(all), len(sent))
	for first := range 2 { // as many processes at once
		t.Run(fmt.Sprint("half", first), func(t *testing.T) {
			t.Parallel()
			for n := 1 + first*step; n <= len(all); n += 2 * step {
				what := fmt.Sprintf("killed at point %d, %s", n, all[n-1])
				dir := t.TempDir()
				killed := newChild(t, "plays", dir, strconv.Itoa(n))
				require.Error(t, killed.Run(), what)
				require.Equal(t, -1, killed.ProcessState.ExitCode(), "%s: %s", what, killed.output.String())
				require.NoError(t, play(dir, "sqlite", nothing), what)
				require.Equal(t, want, came(t, dir), what)
				require.Equal(t, sent, received(t, dir), what)
				checkAgain(t, dir, all[:n], what)
			}
		})
	}
}

// checkAgain checks that nothing was sent again but what was under way.
func checkAgain(t *testing.T, dir string, passed []string, what string) {
	t.Helper()
	count := len(lines(t, dir, "sent"))
	again := count - len(received(t, dir))
	unsettled := 0 // messages whose settlement was not committed
	for _, p := range slices.Backward(passed) {
		if p == "settle: after commit" {
			break
		}
		if p == "send: after it was sent" {
			unsettled++
		}
	}
	assert.LessOrEqual(t, again, unsettled, what)
}

func openOnce(args []string) error {
	s, err := sqlite.Open(context.Background(), args[0])
	if err != nil {
		return err
	}
	c := store.Change{Record: store.Record{Customer: customer.Customer{ID: "c" + args[1]}}}
	return errors.Join(s.Commit(context.Background(), c), s.Close())
}

// Processes that start at once on a file that is not there make the tables once.
func TestProcessesOpenAtOnce(t *testing.T) {
	t.Parallel()
	rounds := 5
	if testing.Short() {
		rounds = 1
	}
	for range rounds {
		path := inDir(t)
		var all []*child
		for i := range 6 {
			c := newChild(t, "opens", path, strconv.Itoa(i))
			require.NoError(t, c.Start())
			all = append(all, c)
		}
		for _, c := range all {
			require.NoError(t, c.Wait(), c.output.String())
		}
		s := modernc(t, path)
		require.Len(t, gather(t, s.Find(t.Context(), store.Query{})), len(all))
	}
}
