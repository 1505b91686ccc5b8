package customer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
)

func TestSameAndEqualConsiderEveryField(t *testing.T) {
	t.Parallel()
	t.Run("customer", func(t *testing.T) {
		t.Parallel()
		eachChange(t, func(path string, a, b *customer.Customer) {
			require.True(t, a.Equal(*a))
			require.False(t, a.Equal(*b), "%s is forgotten", path)
			require.False(t, b.Equal(*a), "%s is forgotten", path)
			require.Regexp(t, `^\.`+a.Differs(b)+`\b`, path)
		})
	})
	t.Run("activity", func(t *testing.T) {
		t.Parallel()
		eachChange(t, func(path string, a, b *customer.Activity) {
			require.Empty(t, a.Differs(a))
			require.NotEmpty(t, a.Differs(b), "%s is forgotten", path)
			require.NotEmpty(t, b.Differs(a), "%s is forgotten", path)
		})
	})
	t.Run("purchase, but for its refunds", func(t *testing.T) {
		t.Parallel()
		eachChange(t, func(path string, a, b *customer.Purchase) {
			require.Empty(t, a.Differs(a))
			refund := strings.HasPrefix(path, ".Refunds")
			require.Equal(t, refund, a.Differs(b) == "", path)
			require.Equal(t, refund, b.Differs(a) == "", path)
		})
	})
}

func TestSameAndEqualDoNotCareForLocations(t *testing.T) {
	t.Parallel()
	p, a, c := filled[customer.Purchase](t), filled[customer.Activity](t), filled[customer.Customer](t)
	q, b, d := *p, *a, *c
	q.At, q.Next, b.At, d.Since = q.At.UTC(), q.Next.UTC(), b.At.UTC(), d.Since.UTC()
	assert.Empty(t, p.Differs(&q))
	assert.Empty(t, a.Differs(&b))
	assert.True(t, c.Equal(d))
}

func TestEqualDoesNotTellNilFromEmpty(t *testing.T) {
	t.Parallel()
	empty := customer.Customer{
		ID: "c1", Emails: []string{}, Phones: []string{}, Tags: []string{}, Fields: customer.Fields{},
		Consents: []customer.Consent{}, Cadences: []customer.PipelineCadence{},
	}
	assert.True(t, customer.Customer{ID: "c1"}.Equal(empty))
	assert.True(t, customer.Customer{ID: "c1"}.Normal().Equal(empty.Normal()))
}

func TestNormalSharesNothing(t *testing.T) {
	t.Parallel()
	t.Run("customer", func(t *testing.T) {
		t.Parallel()
		c := filled[customer.Customer](t)
		n := c.Normal()
		requireNothingShared(t, c, &n)
	})
	t.Run("purchase", func(t *testing.T) {
		t.Parallel()
		p := filled[customer.Purchase](t)
		n := p.Normal()
		requireNothingShared(t, p, &n)
	})
	t.Run("activity", func(t *testing.T) {
		t.Parallel()
		a := filled[customer.Activity](t)
		n := a.Normal()
		requireNothingShared(t, a, &n)
	})
}

func TestChangingTheInputDoesNotChangeItsNormal(t *testing.T) {
	t.Parallel()
	c := filled[customer.Customer](t)
	n, kept := c.Normal(), filled[customer.Customer](t).Normal()
	c.Emails[0], c.Phones[0], c.Tags[0], c.Fields[0].Name = "x", "x", "x", "x"
	c.Consents[0].Granted, c.Cadences[0].Pipeline = false, "x"
	assert.Equal(t, kept, n)

	p := filled[customer.Purchase](t)
	m, was := p.Normal(), filled[customer.Purchase](t).Normal()
	p.Items[0].Quantity, p.Refunds[0].Amount = 99, 99
	assert.Equal(t, was, m)
}

func TestNormalDoesNotChangeTheInput(t *testing.T) {
	t.Parallel()
	c, p, a := unordered(), filled[customer.Purchase](t), filled[customer.Activity](t)
	c.Normal()
	p.Normal()
	a.Normal()
	assert.Equal(t, unordered(), c)
	assert.Equal(t, filled[customer.Purchase](t), p)
	assert.Equal(t, filled[customer.Activity](t), a)
}

func TestNormalInstantsAreWhatStoresKeep(t *testing.T) {
	t.Parallel()
	c, p := filled[customer.Customer](t).Normal(), filled[customer.Purchase](t).Normal()
	a, r := filled[customer.Activity](t).Normal(), filled[customer.Refund](t).Normal()
	requireStorable(t, &c)
	requireStorable(t, &p)
	requireStorable(t, &a)
	requireStorable(t, &r)
}

func TestNormalTruncatesTowardsThePast(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{
		time.Date(2026, 3, 9, 10, 0, 0, 999_999_999, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(1955, 6, 1, 0, 0, 0, 1_999, time.UTC),
	} {
		got := customer.Activity{At: at}.Normal().At
		assert.Equal(t, time.UnixMicro(at.UnixMicro()).UTC(), got)
		assert.Equal(t, at.Truncate(time.Microsecond), got)
		assert.False(t, got.After(at))
	}
	assert.True(t, customer.Activity{}.Normal().At.IsZero())
	assert.True(t, customer.Purchase{At: time.Time{}.In(zone(t, "Asia/Tokyo"))}.Normal().At.IsZero())
}

func TestNormalOfNormalIsItself(t *testing.T) {
	t.Parallel()
	c := unordered().Normal()
	assert.Equal(t, c, c.Normal())
	p := filled[customer.Purchase](t).Normal()
	assert.Equal(t, p, p.Normal())
	a := filled[customer.Activity](t).Normal()
	assert.Equal(t, a, a.Normal())
	r := filled[customer.Refund](t).Normal()
	assert.Equal(t, r, r.Normal())
}

func unordered() customer.Customer {
	return customer.Customer{
		ID:     "c1",
		Emails: []string{"z@example.com", "a@example.com"},
		Phones: []string{"+2", "+1"},
		Tags:   []string{"vip", "cakes", "vip", "cakes"},
		Fields: customer.Fields{{Name: "size", Value: customer.Number(42)}, {Name: "birthday", Value: customer.DateValue(1990, 3, 9)}},
		Consents: []customer.Consent{
			{Channel: "sms", Granted: true}, {Channel: "email"},
		},
		Cadences: []customer.PipelineCadence{
			{Pipeline: "tea", Cadence: on(time.Saturday)}, {Pipeline: "cakes", Cadence: every(customer.Months(1))},
		},
	}
}

func TestNormalOrdersSetsAndKeepsListsAsTheyAre(t *testing.T) {
	t.Parallel()
	got := unordered().Normal()
	assert.Equal(t, []string{"cakes", "vip"}, got.Tags, "a set, each once")
	assert.Equal(t, []string{"z@example.com", "a@example.com"}, got.Emails, "the first is the one that is written to")
	assert.Equal(t, []string{"+2", "+1"}, got.Phones, "the first is the one that is called")
	assert.Equal(t, "birthday", got.Fields[0].Name)
	assert.Equal(t, "email", got.Consents[0].Channel)
	assert.Equal(t, "cakes", got.Cadences[0].Pipeline)

	reordered := unordered()
	reordered.Tags = []string{"cakes", "vip"}
	reordered.Fields[0], reordered.Fields[1] = reordered.Fields[1], reordered.Fields[0]
	reordered.Consents[0], reordered.Consents[1] = reordered.Consents[1], reordered.Consents[0]
	reordered.Cadences[0], reordered.Cadences[1] = reordered.Cadences[1], reordered.Cadences[0]
	assert.True(t, got.Equal(reordered.Normal()), "the order of a set is no difference")
}

func TestCompareOrdersByTimeThenID(t *testing.T) {
	t.Parallel()
	at := utc(t, "2026-03-09 10:00")
	later := at.Add(1)
	tests := []struct {
		rule     string
		aID, bID string
		a, b     time.Time
		want     int
	}{
		{"earlier first, whatever the ID", "z", "a", at, later, -1},
		{"later last, whatever the ID", "a", "z", later, at, 1},
		{"by ID in one instant", "a", "b", at, at, -1},
		{"by ID in one instant, turned round", "b", "a", at, at, 1},
		{"the same", "a", "a", at, at, 0},
		{"the same instant elsewhere", "a", "a", at, at.In(zone(t, "Asia/Tokyo")), 0},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, (&customer.Purchase{ID: tt.aID, At: tt.a}).Compare(&customer.Purchase{ID: tt.bID, At: tt.b}))
			assert.Equal(t, tt.want, (&customer.Activity{ID: tt.aID, At: tt.a}).Compare(&customer.Activity{ID: tt.bID, At: tt.b}))
		})
	}
}
