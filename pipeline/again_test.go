package pipeline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/trigger"
)

func TestCardAddedAgainIsTheSameWhateverBecameOfIt(t *testing.T) {
	t.Parallel()
	tag := trigger.Trigger{ID: "tag", On: trigger.CustomerAdded(), Steps: []trigger.Step{trigger.Tag("new")}}
	s := emptyShop(t, of(nails(), tag))
	card := customer.Customer{ID: "olga", Name: "Olga", Phones: phones}
	s.must(card)
	s.must(customer.Assignment{Customer: "olga", Manager: "anna"})
	s.must(card, bought("a", opening)) // the call whose outcome was not known, made again
	assert.Equal(t, "anna", s.record().Customer.Manager)
	card.Name = "Somebody Else"
	require.ErrorIs(t, s.Apply(t.Context(), card), pipeline.ErrIDReused)
}

func TestDecisionToldAgainIsPassedOver(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	by := customer.By{Actor: "anna", Reason: "she said so", At: opening}
	decisions := []customer.Input{
		customer.NextMove{Customer: "olga", Pipeline: "nails", Next: at("2026-05-01 00:00"), By: by},
		customer.StageMove{Customer: "olga", Pipeline: "nails", Stage: "call", By: by},
		customer.Pause{Customer: "olga", Until: at("2026-04-01 00:00"), By: by},
		customer.Assignment{Customer: "olga", Manager: "anna", By: by},
		customer.Refusal{Customer: "olga", By: by},
	}
	s.must(decisions...)
	before := dump(t, s.cfg.Store)
	s.must(decisions...)
	assert.Equal(t, before, dump(t, s.cfg.Store))
}

func TestMoveAtTheInstantOfANewCycleIsAnotherDecision(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.must(moveStage("call"))
	s.buys("b") // at the very same instant
	s.must(moveStage("call"))
	assert.Equal(t, "call", s.stage())
}

func TestPointersAndForeignInputsAreRefused(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	p := bought("a", opening)
	for _, in := range []customer.Input{
		nil, (*customer.Purchase)(nil), &p, &customer.Customer{ID: "x"}, struct{ customer.Input }{},
	} {
		err := s.Apply(t.Context(), in)
		require.ErrorIs(t, err, customer.ErrInvalid, "%T", in)
		assert.ErrorContains(t, err, "the value itself")
	}
}

func TestDefinitionsTheEngineWasBuiltWithMayBeChanged(t *testing.T) {
	t.Parallel()
	d := of(nails(func(p *pipeline.Pipeline) { p.Takes.Categories = []string{"nails"} }))
	s := setup(t, d)
	d.Pipelines[0].Takes.Categories[0] = "hair"
	d.Pipelines[0].Cadence = pipeline.Every(customer.Weeks(9))
	d.Pipelines[0].Stages[0].ID = "gone"
	d.Pipelines[0].Stages = nil
	s.buys("a", category("nails"))
	assert.Equal(t, "thanks", s.stage())
	assert.Equal(t, at("2026-03-23 09:00"), s.cycle("nails").Next)
}

func TestEditMayKeepItsPointer(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	var kept *customer.Customer
	s.must(customer.Edit{Customer: "olga", Change: func(c *customer.Customer) {
		c.Consents = []customer.Consent{{Channel: "sms", Granted: true, At: opening}}
		c.Tags = []string{"a", "b"}
		kept = c
	}}, customer.Edit{Customer: "olga", Change: func(*customer.Customer) {
		kept.Consents[0].Granted, kept.Tags[0] = false, "c"
	}})
	card := s.record().Customer
	assert.True(t, card.Consents[0].Granted)
	assert.Equal(t, []string{"a", "b"}, card.Tags)
	assert.Len(t, s.lines(customer.CustomerEdited), 1)
}

func TestCorrectionThatPutsACustomerBackIsNotAnsweredAgain(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails(), sends("remind", trigger.StageEntered("nails", "remind"))))
	s.must(customer.Customer{ID: "olga", Phones: phones, Zone: "Asia/Tokyo"}, bought("a", opening))
	s.tick(at("2026-03-22 01:00")) // ten in the morning in Tokyo
	require.Equal(t, "remind", s.stage())
	s.must(customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Zone = "America/Los_Angeles" }})
	require.Equal(t, "call", s.stage())
	s.tick(at("2026-03-23 00:00"))
	assert.Equal(t, "remind", s.stage())
	assert.Len(t, s.sent, 1)

	s.must(customer.NextMove{Customer: "olga", Pipeline: "nails", Next: at("2026-04-20 20:00")})
	s.tick(at("2026-04-19 20:00"))
	assert.Len(t, s.sent, 2, "a date that a person moved is another date")
}

func TestDueThingsAreDoneBeforeALateInputWhetherOrNotATickWas(t *testing.T) {
	t.Parallel()
	for _, ticked := range []bool{true, false} {
		for name, late := range map[string]func(due time.Time) customer.Input{
			"activity nobody reads": func(due time.Time) customer.Input {
				return customer.Activity{ID: "v", Customer: "olga", Name: "page_view", At: due.Add(-60 * time.Hour)}
			},
			"decision of yesterday": func(due time.Time) customer.Input {
				return customer.Assignment{Customer: "olga", Manager: "anna", By: customer.By{At: due.Add(-25 * time.Hour)}}
			},
			"purchase two hours ago": func(due time.Time) customer.Input { return bought("b", due.Add(-2*time.Hour)) },
		} {
			s := setup(t, of(nails(), sends("remind", trigger.StageEntered("nails", "remind"))))
			s.buys("a")
			due := s.cycle("nails").Next.AddDate(0, 0, -1)
			s.clock.set(due.Add(time.Hour))
			if ticked {
				s.tick(s.clock.Now())
			}
			s.must(late(due))
			s.tick(s.clock.Now())
			assert.Len(t, s.sent, 1, "%s, ticked: %v", name, ticked)
		}
	}
}

func TestRefusalToldLateDoesNotCloseALaterCycle(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.clock.set(opening.Add(2 * time.Hour))
	s.buys("b")
	s.clock.set(opening.Add(3 * time.Hour))
	s.must(customer.Refusal{Customer: "olga", Pipeline: "nails", By: customer.By{Reason: "moved", At: opening.Add(time.Hour)}})
	assert.Empty(t, s.cycle("nails").Closed)
	assert.Equal(t, "thanks", s.stage())
}

func TestOncePerCycleHoldsForARestoredCycle(t *testing.T) {
	t.Parallel()
	once := sends("t", trigger.StageEntered("nails", "call"), func(t *trigger.Trigger) { t.Limit = trigger.OncePerCycle })
	s := setup(t, of(nails(), once))
	later := func() { s.clock.set(s.clock.Now().Add(time.Hour)) }
	for _, id := range []string{"a", "b"} {
		s.buys(id)
		later()
		s.must(moveStage("call"))
		later()
	}
	s.must(customer.Refund{ID: "r", Customer: "olga", Purchase: "b", At: s.clock.Now()})
	later()
	s.must(moveStage("waiting"))
	later()
	s.must(moveStage("call"))
	s.tick(s.clock.Now())
	assert.Len(t, s.sent, 2)
}
