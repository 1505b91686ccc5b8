package row_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/store/internal/row"
	"github.com/regulars-go/regulars/trigger"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)

// aText draws texts of all kinds, some of which no database can hold.
func aText(t *rapid.T, what string) string {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"", "ok", "\x00", "a\xffb", "\u2028 \"q\" \\ \n\t\x1f", "\ufffd", strings.Repeat("ü", 900)}),
	).Draw(t, what)
}

func aTime(t *rapid.T, what string) time.Time {
	return rapid.SampledFrom([]time.Time{{}, noon, noon.Add(-time.Microsecond), time.Unix(-1, 0).UTC()}).Draw(t, what)
}

func anEvent(t *rapid.T) customer.Event {
	return customer.Event{
		Kind: customer.EventKind(rapid.IntRange(0, int(customer.RulesUnsettled)).Draw(t, "kind")),
		At:   aTime(t, "at"), Known: aTime(t, "known"), Pipeline: aText(t, "pipeline"), Stage: aText(t, "stage"),
		Segment: aText(t, "segment"), Trigger: aText(t, "trigger"), Ref: aText(t, "ref"), Name: aText(t, "name"),
		Amount: rapid.Int64().Draw(t, "amount"), Cycle: rapid.Int().Draw(t, "cycle"),
		Actor: aText(t, "actor"), Reason: aText(t, "reason"),
	}
}

func TestEventsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(anEvent), 1, 4).Draw(t, "events")
		text := row.AppendEvents(pack.NewWriter(nil), nil, "c", events)
		require.True(t, json.Valid(text), "%q", text)
		require.True(t, utf8.Valid(text))
		require.NotContains(t, string(text), `\u0000`, "PostgreSQL cannot unfold it")
		got, err := row.Events(pack.NewReader(nil), "c", text)
		require.NoError(t, err)
		require.Equal(t, events, got)
	})
}

func TestEventsReadWell(t *testing.T) {
	t.Parallel()
	text := row.AppendEvents(pack.NewWriter(nil), nil, "c", []customer.Event{
		{Kind: customer.Purchased, At: noon, Known: noon, Ref: "p", Amount: 490},
		{Kind: customer.StageEntered, At: noon, Stage: `"due"`, Cycle: 2},
	})
	assert.Equal(t, `[{"kind":"purchase","at":1772366400123456,"ref":"p","amount":490},`+
		`{"kind":"stage_entered","at":1772366400123456,"known":null,"stage":"\"due\"","cycle":2}]`, string(text))
}

func TestCorruptEvents(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[", `[{"kind":"x"}]`, `[{"known":"x"}]`, `[{"packed":"AA=="}]`, `[{"packed":"/w=="}]`} {
		_, err := row.Events(pack.NewReader(nil), "c", []byte(text))
		require.ErrorIs(t, err, pack.ErrCorrupt, text)
	}
}

func TestDeliveriesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := trigger.Delivery{
			ID: aText(t, "id"), Customer: "c", Trigger: aText(t, "trigger"), Kind: trigger.TaskKind, Channel: aText(t, "channel"),
			To: aText(t, "to"), Subject: aText(t, "subject"), Text: aText(t, "text"), URL: aText(t, "url"), At: noon, Cause: anEvent(t),
		}
		columns := row.NewDelivery(pack.NewWriter(nil), "c", &d)
		for _, s := range []string{columns.ID, columns.To, columns.Text, columns.URL} {
			require.True(t, utf8.ValidString(s))
			require.NotContains(t, s, "\x00")
		}
		got, err := columns.Read(pack.NewReader(nil), "c")
		require.NoError(t, err)
		require.Equal(t, d, got)
	})
}

func TestCorruptDelivery(t *testing.T) {
	t.Parallel()
	d := row.Delivery{Rest: []byte{0xff}}
	_, err := d.Read(pack.NewReader(nil), "c")
	require.ErrorIs(t, err, pack.ErrCorrupt)
}

func TestValuesFitIntoAnIndex(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 5000)
	assert.Equal(t, "eva@example.org", row.Value("eva@example.org"))
	assert.LessOrEqual(t, len(row.Value(long)), 400)
	assert.NotEqual(t, row.Value(long+"a"), row.Value(long+"b"))
	assert.True(t, utf8.ValidString(row.Value("x"+long)))
	assert.Equal(t, "a\x1fb\ufffd\x1f", row.Texts([]string{"a", "b\x1f", ""}))
}

func TestDiff(t *testing.T) {
	t.Parallel()
	old := &store.Record{
		Customer: customer.Customer{ID: "c", Name: "Olga", Emails: []string{"o@x", "both"}, Phones: []string{"both"}, Tags: []string{"new"}},
		Cycles:   []customer.Cycle{{Pipeline: "cakes", Stage: "due"}, {Pipeline: "tea"}},
		Segments: []segment.Membership{{Segment: "asleep", Since: noon}, {Segment: "vip", Since: noon}},
	}
	now := *old
	assert.Equal(t, row.Changed{}, row.Diff(old, &now), "nothing")

	now.Cycles = []customer.Cycle{{Pipeline: "cakes", Stage: "lost"}}
	now.Segments = []segment.Membership{{Segment: "big", Since: noon}, {Segment: "vip", Since: noon.Add(1e9)}}
	assert.Equal(t, row.Changed{
		Put: []*customer.Cycle{&now.Cycles[0]}, Gone: []string{"tea"},
		Add:    []row.Lookup{{row.Segment, "big", noon}, {row.Segment, "vip", noon.Add(1e9)}},
		Remove: []row.Lookup{{row.Segment, "asleep", noon}},
	}, row.Diff(old, &now))

	created := row.Diff(nil, old)
	assert.True(t, created.Card)
	assert.Len(t, created.Put, 2)
	assert.Equal(t, row.Lookups(old), created.Add)
	assert.Equal(t, []string{"both", "o@x", "asleep", "vip", "new"}, values(created.Add))
}

func values(list []row.Lookup) (values []string) {
	for _, l := range list {
		values = append(values, l.Value)
	}
	return values
}

// What Diff says leads from the look-ups of one record to those of another.
func TestDiffLeadsFromOneToTheOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		aRecord := func() *store.Record {
			names := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "\xff", "\xfe"}), 0, 4)
			return &store.Record{Customer: customer.Customer{
				ID: "c", Tags: names.Draw(t, "tags"), Emails: names.Draw(t, "emails"), Manager: rapid.SampledFrom([]string{"", "eva", "max"}).Draw(t, "manager"),
			}}
		}
		old, now := aRecord(), aRecord()
		c := row.Diff(old, now)
		have := make(map[row.Lookup]bool)
		for _, l := range slices.Concat(row.Lookups(old), c.Add) {
			have[l] = true
		}
		for _, l := range c.Remove {
			require.True(t, have[l])
			delete(have, l)
		}
		require.Len(t, have, len(row.Lookups(now)))
		for _, l := range row.Lookups(now) {
			require.True(t, have[l])
		}
	})
}
