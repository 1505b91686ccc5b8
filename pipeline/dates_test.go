package pipeline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/trigger"
)

// withField adds olga with a custom field.
func withField(t *testing.T, zone string, v customer.Value, triggers ...trigger.Trigger) *shop {
	t.Helper()
	s := emptyShop(t, of(nails(), triggers...), inZone(zone))
	s.must(customer.Customer{ID: "olga", Phones: phones, Fields: customer.Fields{{Name: "day", Value: v}}})
	return s
}

func setField(v customer.Value) customer.Edit {
	return customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Fields = c.Fields.With("day", v) }}
}

func TestDatesOfTheNextPurchase(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		on   trigger.On
		want []string // the purchase is on 03-02 10:00, the next on 03-23 09:00
	}{
		"before":          {trigger.BeforeNext("nails", customer.Days(3)), []string{"03-20 09:00"}},
		"before, timed":   {trigger.BeforeNext("nails", customer.Days(3)).At(18, 30), []string{"03-20 18:30"}},
		"before, exact":   {trigger.BeforeNext("nails", customer.Hours(5)), []string{"03-23 04:00"}},
		"at":              {trigger.BeforeNext("nails", customer.Days(0)), []string{"03-23 09:00"}},
		"after":           {trigger.AfterNext("nails", customer.Weeks(1)), []string{"03-30 09:00"}},
		"past already":    {trigger.BeforeNext("nails", customer.Days(30)), nil},
		"after the close": {trigger.AfterNext("nails", customer.Days(61)), nil},
		"at the close":    {trigger.AfterNext("nails", customer.Days(60)), []string{"05-22 09:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails(), sends("t", c.on)))
			s.buys("a")
			s.tick(at("2027-01-01 00:00"))
			var want []string
			for _, w := range c.want {
				want = append(want, w+" t: t")
			}
			assert.ElementsMatch(t, want, s.messages())
		})
	}
}

func TestPurchaseMovesTheDatesOfTheNext(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("t", trigger.BeforeNext("nails", customer.Days(3)))))
	s.buys("a")
	s.tick(at("2026-03-19 12:00"))
	s.buys("b")
	s.tick(at("2026-05-01 00:00"))
	assert.Equal(t, []string{"04-06 09:00 t: t"}, s.messages())
}

func TestRefundBringsBackTheDatesOfTheCycleItRestores(t *testing.T) {
	t.Parallel()
	wait := trigger.Trigger{ID: "w", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Wait(customer.Hours(1)), trigger.Task("x")}}
	s := setup(t, of(oneStage("p", func(p *pipeline.Pipeline) { p.Cadence = pipeline.Every(customer.Weeks(3)) }), wait,
		sends("t", trigger.BeforeNext("p", customer.Days(3)))))
	s.buys("a")
	s.tick(at("2026-03-10 10:00"))
	s.buys("b")
	s.tick(at("2026-03-10 12:00")) // the wake-up of the wait lets go of a's date
	s.refund("r", "b", 0)
	s.tick(at("2026-05-01 00:00"))
	assert.Contains(t, s.messages(), "03-20 00:00 t: t")
	assert.NotContains(t, s.messages(), "03-28 00:00 t: t")
}

func TestDatesOfFields(t *testing.T) {
	t.Parallel()
	date := customer.DateValue(2026, 4, 10)
	instant := customer.Instant(in("Europe/Berlin", "2026-04-10 15:00"))
	for name, c := range map[string]struct {
		value customer.Value
		on    trigger.On
		want  string // in Berlin
	}{
		"date, before":       {date, trigger.BeforeDate("day", customer.Days(3)), "2026-04-07 00:00"},
		"date, timed":        {date, trigger.BeforeDate("day", customer.Days(3)).At(10, 0), "2026-04-07 10:00"},
		"date, after":        {date, trigger.AfterDate("day", customer.Months(1)), "2026-05-10 00:00"},
		"date, exact":        {date, trigger.AfterDate("day", customer.Hours(5)), "2026-04-10 05:00"},
		"instant, before":    {instant, trigger.BeforeDate("day", customer.Days(14)), "2026-03-27 15:00"},
		"instant, exact":     {instant, trigger.BeforeDate("day", customer.Hours(14*24)), "2026-03-27 14:00"},
		"instant, timed":     {instant, trigger.BeforeDate("day", customer.Days(0)).At(9, 0), "2026-04-10 09:00"},
		"instant, yearly":    {instant, trigger.BeforeDate("day", customer.Days(0)).EveryYear(), "2026-04-10 00:00"},
		"text is no date":    {customer.Text("2026-04-10"), trigger.BeforeDate("day", customer.Days(3)), ""},
		"another field":      {date, trigger.BeforeDate("other", customer.Days(3)), ""},
		"past when it's set": {customer.DateValue(2026, 3, 1), trigger.BeforeDate("day", customer.Days(0)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withField(t, "Europe/Berlin", c.value, sends("t", c.on))
			s.tick(at("2026-12-31 00:00"))
			var want []time.Time
			if c.want != "" {
				want = append(want, in("Europe/Berlin", c.want))
			}
			var got []time.Time
			for _, d := range s.sent {
				got = append(got, d.At)
			}
			assert.Equal(t, want, got)
		})
	}
}

func TestBirthdays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		born customer.Value
		on   trigger.On
		want []string
	}{
		"every year":       {customer.DateValue(1990, 6, 15), trigger.BeforeDate("day", customer.Days(0)).At(10, 0).EveryYear(), []string{"2026-06-15 10:00", "2027-06-15 10:00", "2028-06-15 10:00"}},
		"29 February":      {customer.DateValue(2000, 2, 29), trigger.BeforeDate("day", customer.Days(0)).EveryYear(), []string{"2027-02-28 00:00", "2028-02-29 00:00"}},
		"over new year":    {customer.DateValue(1990, 1, 2), trigger.BeforeDate("day", customer.Days(5)).EveryYear(), []string{"2026-12-28 00:00", "2027-12-28 00:00", "2028-12-28 00:00"}},
		"after new year":   {customer.DateValue(1990, 12, 30), trigger.AfterDate("day", customer.Days(5)).EveryYear(), []string{"2027-01-04 00:00", "2028-01-04 00:00"}},
		"not born yet":     {customer.DateValue(2027, 6, 1), trigger.BeforeDate("day", customer.Days(3)).EveryYear(), []string{"2027-05-29 00:00", "2028-05-29 00:00"}},
		"day after, clamp": {customer.DateValue(2000, 2, 29), trigger.AfterDate("day", customer.Days(1)).EveryYear(), []string{"2026-03-01 00:00", "2027-03-01 00:00", "2028-03-01 00:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emptyShop(t, of(nails(), sends("t", c.on)))
			s.clock.set(at("2026-02-28 12:00"))
			s.must(customer.Customer{ID: "olga", Phones: phones, Fields: customer.Fields{{Name: "day", Value: c.born}}})
			for now := s.clock.Now(); now.Year() < 2029; now = now.AddDate(0, 1, 0) {
				s.restart() // and not twice after a restart
				s.tick(now)
			}
			var got []string
			for _, d := range s.sent {
				got = append(got, d.At.Format("2006-01-02 15:04"))
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestFieldThatChangesMovesItsDate(t *testing.T) {
	t.Parallel()
	s := withField(t, "UTC", customer.DateValue(2026, 4, 10), sends("expires", trigger.BeforeDate("day", customer.Days(3))))
	s.tick(at("2026-04-01 12:00"))
	s.must(setField(customer.DateValue(2026, 4, 17))) // extended by a week
	s.tick(at("2026-04-08 12:00"))
	assert.Empty(t, s.messages())
	s.tick(at("2026-04-20 12:00"))
	assert.Equal(t, []string{"04-14 00:00 expires: expires"}, s.messages())
	s.must(setField(customer.Value{}))
	s.tick(at("2030-04-20 12:00"))
	assert.Len(t, s.messages(), 1)
}

func TestFieldSetByAStepArmsItsDate(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(),
		trigger.Trigger{ID: "offer", On: trigger.Purchase(), Steps: []trigger.Step{trigger.SetField("day", customer.DateValue(2026, 3, 20))}},
		sends("expires", trigger.BeforeDate("day", customer.Days(3)).At(10, 0))))
	s.buys("a")
	s.tick(at("2026-04-01 00:00"))
	assert.Equal(t, []string{"03-17 10:00 expires: expires"}, s.messages())
}
