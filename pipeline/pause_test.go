package pipeline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/trigger"
)

func pauseUntil(until time.Time) customer.Pause {
	return customer.Pause{Customer: "olga", Until: until, By: anna}
}

// followUp sends at once and again two days later.
func followUp(t *trigger.Trigger) {
	t.Steps = []trigger.Step{trigger.Send("sms", "first"), trigger.Wait(customer.Days(2)), trigger.Send("sms", "second")}
}

func TestPauseHoldsTriggersBack(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("thank", trigger.Purchase()), sends("wait", trigger.StageEntered("nails", "waiting"))))
	s.must(pauseUntil(at("2026-03-03 09:00")))
	s.buys("a")
	s.tick(at("2026-03-04 00:00"))
	assert.Equal(t, []string{`03-02 10:00 automation_paused (2026-03-03T09:00:00Z) by anna "on the phone"`}, s.lines(customer.AutomationPaused))
	assert.Equal(t, []string{`03-02 10:00 trigger_held thank "automation is paused"`}, s.lines(customer.TriggerHeld))
	assert.Equal(t, "waiting", s.stage(), "stages move all the same")
	assert.Equal(t, []string{"03-03 09:00 wait: wait"}, s.messages(), "at Until it is over")
}

func TestHeldTriggerDoesNotCountAgainstItsLimit(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("once", trigger.Purchase(), func(t *trigger.Trigger) { t.Limit = trigger.OnceEver })))
	s.must(pauseUntil(at("2026-03-03 00:00")))
	s.buys("a")
	s.tick(at("2026-03-03 00:00"))
	s.buys("b")
	s.tick(at("2026-03-03 00:00"))
	assert.Equal(t, []string{"03-03 00:00 once: once"}, s.messages())
}

func TestPauseDefersRuns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		until  string
		resume string // when somebody lets it go on; empty: nobody does
		second string
	}{
		"beyond the wait":                      {"2026-03-10 00:00", "", "03-10 00:00"},
		"over before the wait is":              {"2026-03-03 00:00", "", "03-04 10:00"},
		"ended early, after the wait":          {"2026-03-10 00:00", "2026-03-06 12:00", "03-06 12:00"},
		"ended early, before the wait is":      {"2026-03-10 00:00", "2026-03-03 12:00", "03-04 10:00"},
		"until the very end of the wait":       {"2026-03-04 10:00", "", "03-04 10:00"},
		"until the end of the wait, but ended": {"2026-03-04 10:00", "2026-03-03 12:00", "03-04 10:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails(), sends("follow", trigger.Purchase(), followUp)))
			s.buys("a")
			s.must(pauseUntil(at(c.until)))
			if c.resume != "" {
				s.tick(at(c.resume))
				s.must(pauseUntil(time.Time{}))
			}
			s.tick(at("2026-04-01 00:00"))
			assert.Equal(t, []string{"03-02 10:00 follow: first", c.second + " follow: second"}, s.messages())
		})
	}
}

func TestPauseMadeLongerAndShorter(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("follow", trigger.Purchase(), followUp)))
	s.buys("a")
	s.must(pauseUntil(at("2026-03-10 00:00")))
	s.tick(at("2026-03-05 00:00"))
	s.must(pauseUntil(at("2026-03-20 00:00")))
	s.tick(at("2026-03-12 00:00"))
	assert.Len(t, s.messages(), 1)
	s.must(pauseUntil(at("2026-03-15 00:00")))
	s.tick(at("2026-03-30 00:00"))
	assert.Equal(t, "03-15 00:00 follow: second", s.messages()[1])
}

func TestPurchaseCancelsARunThatAPauseDefers(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("follow", trigger.Purchase(), followUp, func(t *trigger.Trigger) { t.CancelOnPurchase = true })))
	s.buys("a")
	s.must(pauseUntil(at("2026-03-10 00:00")))
	s.tick(at("2026-03-06 00:00"))
	s.buys("b")
	s.tick(at("2026-03-30 00:00"))
	assert.Equal(t, []string{"03-02 10:00 follow: first"}, s.messages())
}
