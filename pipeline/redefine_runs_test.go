package pipeline_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/trigger"
)

// saying is steps that send texts, two days apart.
func saying(texts ...string) func(*trigger.Trigger) {
	return func(t *trigger.Trigger) {
		t.Steps = nil
		for i, text := range texts {
			if i > 0 {
				t.Steps = append(t.Steps, trigger.Wait(customer.Days(2)))
			}
			t.Steps = append(t.Steps, trigger.Send("sms", text))
		}
	}
}

// ways are how a process may come to other definitions.
var ways = map[string]func(*shop, pipeline.Definitions){
	"in one process":      func(*shop, pipeline.Definitions) {},
	"after a restart":     func(s *shop, _ pipeline.Definitions) { s.restart() },
	"begun with new ones": func(s *shop, d pipeline.Definitions) { s.restartWith(d) },
}

func TestRunFinishesAsItBegan(t *testing.T) {
	t.Parallel()
	old := of(nails(), sends("t", trigger.Purchase(), saying("one", "two", "three")))
	for name, next := range map[string]pipeline.Definitions{
		"changed": of(nails(), sends("t", trigger.Purchase(), saying("ONE"))),
		"gone":    of(nails()),
		"kept":    of(nails(), append(old.Triggers, sends("other", trigger.Refund()))...),
	} {
		for way, come := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				t.Parallel()
				s := setup(t, old)
				s.buys("a")
				s.tick(opening)
				come(s, next)
				s.redefine(next)
				s.tick(at("2026-03-04 10:00"))
				s.restart()
				s.tick(at("2026-03-10 10:00"))
				assert.Equal(t, []string{"03-02 10:00 t: one", "03-04 10:00 t: two", "03-06 10:00 t: three"}, s.messages())
				assert.Equal(t, []string{"olga/t/1/0", "olga/t/1/2", "olga/t/1/4"}, s.sentIDs())
				assert.Empty(t, s.record().Runs)
				s.buys("b")
				s.tick(s.clock.Now())
				want := map[string][]string{"changed": {"olga/t/2/0"}, "gone": {}, "kept": {"olga/t/2/0"}}[name]
				assert.Equal(t, want, s.sentIDs()[3:], "the next one begins under the new definitions")
			})
		}
	}
}

func TestRunOfARemovedTriggerIsCancelledWhereThatIsAsked(t *testing.T) {
	t.Parallel()
	steps := saying("one", "two")
	s := setup(t, of(nails(), sends("gone", trigger.Purchase(), steps), sends("kept", trigger.Purchase(), steps)))
	s.buys("a")
	s.clock.set(at("2026-03-03 08:00"))
	s.redefine(of(nails(), sends("kept", trigger.Purchase(), saying("ONE", "TWO"))), cancelling)
	assert.Equal(t, []string{`03-03 08:00 run_cancelled gone "the trigger is no longer defined"`}, s.lines(customer.RunCancelled))
	assert.Len(t, s.record().Runs, 1)
	s.restart()
	s.tick(at("2026-03-10 10:00"))
	assert.Equal(t, []string{"03-02 10:00 gone: one", "03-02 10:00 kept: one", "03-04 10:00 kept: two"}, s.messages())
}

// What came due before the redefinition is not cancelled by it.
func TestRunThatWasDueBeforeIsDoneBeforeItIsCancelled(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("gone", trigger.Purchase(), saying("one", "two", "three"))))
	s.buys("a")
	s.clock.set(at("2026-03-05 08:00"))
	s.redefine(of(nails()), cancelling)
	s.tick(s.clock.Now())
	assert.Equal(t, []string{"03-02 10:00 gone: one", "03-04 10:00 gone: two"}, s.messages())
	assert.Equal(t, []string{`03-05 08:00 run_cancelled gone "the trigger is no longer defined"`}, s.lines(customer.RunCancelled))
}

// Where nobody knows any more what a run began as, it goes on with the steps that
// its trigger has today, from where it was; where that is gone, it ends and says
// so. Nobody is stranded.
func TestRunWithoutItsDefinitions(t *testing.T) {
	t.Parallel()
	for name, document := range lostDocuments {
		for what, c := range map[string]struct {
			now       []trigger.Trigger
			sent      []string
			cancelled []string
		}{
			"changed": {[]trigger.Trigger{sends("t", trigger.Purchase(), saying("ONE", "TWO", "THREE"))}, []string{"03-02 10:00 t: one", "03-04 10:00 t: TWO", "03-06 10:00 t: THREE"}, []string{}},
			"shorter": {[]trigger.Trigger{sends("t", trigger.Purchase(), saying("ONE"))}, []string{"03-02 10:00 t: one"}, []string{}},
			"gone":    {nil, []string{"03-02 10:00 t: one"}, []string{`03-04 10:00 run_cancelled t "the trigger is no longer defined"`}},
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				s := setup(t, of(nails(), sends("t", trigger.Purchase(), saying("one", "two", "three"))), on(&forgot{memory.New(), document}))
				s.buys("a")
				s.tick(opening)
				s.restartWith(of(nails(), c.now...))
				s.redefine(s.cfg.Definitions)
				s.tick(at("2026-03-10 10:00"))
				assert.Equal(t, c.sent, s.messages())
				assert.Equal(t, c.cancelled, s.lines(customer.RunCancelled))
				assert.Empty(t, s.record().Runs)
			})
		}
	}
}

// One process needs no store to remember what it did under.
func TestRunKeepsItsDefinitionsInOneProcess(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("t", trigger.Purchase(), saying("one", "two", "three"))), on(&forgot{memory.New(), lostDocuments["missing"]}))
	s.buys("a")
	s.clock.set(at("2026-03-04 12:00"))
	s.redefine(of(nails(), sends("t", trigger.Purchase(), saying("ONE"))))
	s.redefine(of(nails()))
	s.tick(at("2026-03-10 10:00"))
	assert.Equal(t, []string{"03-02 10:00 t: one", "03-04 10:00 t: two", "03-06 10:00 t: three"}, s.messages())
}

// A later release may reckon versions otherwise. What it reads under a version of
// before keeps that version, for it is the one that the store knows.
func TestDefinitionsFromTheStoreKeepTheirVersion(t *testing.T) {
	t.Parallel()
	old := of(nails(), sends("t", trigger.StageEntered("nails", "waiting"), followUp))
	document, err := of(nails(), append(old.Triggers, sends("never", trigger.Refund()))...).MarshalJSON()
	require.NoError(t, err)
	s := setup(t, old, on(&forgot{memory.New(), func() ([]byte, error) { return document, nil }}))
	s.buys("a")
	s.clock.set(at("2026-03-03 12:00"))
	s.restartWith(of(nails()))
	s.redefine(s.cfg.Definitions)
	require.Len(t, s.record().Runs, 1)
	assert.Equal(t, version(t, old), s.record().Runs[0].Definitions)
}

func TestRunWaitsThroughTwoRedefinitions(t *testing.T) {
	t.Parallel()
	first := of(nails(), sends("t", trigger.Purchase(), saying("one", "two")))
	second := of(nails(), sends("t", trigger.Purchase(), saying("ONE", "TWO")))
	third := of(nails())
	for way, come := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := setup(t, first)
			s.buys("a")
			s.clock.set(at("2026-03-03 08:00"))
			come(s, second)
			s.redefine(second)
			s.buys("b")
			s.clock.set(at("2026-03-03 09:00"))
			come(s, third)
			s.redefine(third)
			s.restart()
			s.tick(at("2026-03-10 10:00"))
			assert.Equal(t, []string{"03-02 10:00 t: one", "03-03 08:00 t: ONE", "03-04 10:00 t: two", "03-05 08:00 t: TWO"}, s.messages())
			assert.Equal(t, []string{"olga/t/1/0", "olga/t/2/0", "olga/t/1/2", "olga/t/2/2"}, s.sentIDs())
		})
	}
}

// A run under definitions that were passed by in a downtime goes on with them
// while the ones in between catch up.
func TestRunGoesOnAsItBeganWhileOldDefinitionsCatchUp(t *testing.T) {
	t.Parallel()
	second := of(nails(), sends("t", trigger.Purchase(), saying("ONE", "TWO")))
	for way, come := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails(), sends("t", trigger.Purchase(), saying("one", "two"))))
			s.buys("a")
			s.redefine(second)
			s.clock.set(at("2026-03-05 12:00"))
			third := of(nails(), sends("t", trigger.Purchase(), saying("1", "2")))
			come(s, third)
			s.redefine(third)
			s.tick(s.clock.Now())
			assert.Equal(t, []string{"03-02 10:00 t: one", "03-04 10:00 t: two"}, s.messages())
		})
	}
}

// A purchase ends a run if that is how the run began, in the pipeline as it was.
func TestCancelOnPurchaseHoldsAsTheRunBegan(t *testing.T) {
	t.Parallel()
	cancels := func(t *trigger.Trigger) { t.CancelOnPurchase = true }
	tea, cake := customer.Filter{Categories: []string{"tea"}}, customer.Filter{Categories: []string{"cake"}}
	on := trigger.CycleStarted("nails")
	for name, c := range map[string]struct {
		old, next pipeline.Definitions
		buys      string
		cancelled bool
	}{
		"and no longer does":       {of(nails(), sends("t", on, saying("1", "2"), cancels)), of(nails(), sends("t", on, saying("1", "2"))), "tea", true},
		"and only does since":      {of(nails(), sends("t", on, saying("1", "2"))), of(nails(), sends("t", on, saying("1", "2"), cancels)), "tea", false},
		"trigger gone":             {of(nails(), sends("t", on, saying("1", "2"), cancels)), of(nails()), "tea", true},
		"pipeline takes others":    {of(nails(taking(tea)), sends("t", on, saying("1", "2"), cancels)), of(nails(taking(cake)), sends("t", on, saying("1", "2"), cancels)), "tea", true},
		"pipeline took others":     {of(nails(taking(tea)), sends("t", on, saying("1", "2"), cancels)), of(nails(), sends("t", on, saying("1", "2"), cancels)), "cake", false},
		"pipeline gone, takes it":  {of(nails(taking(tea)), sends("t", on, saying("1", "2"), cancels)), of(oneStage("other")), "tea", true},
		"pipeline gone, takes not": {of(nails(taking(tea)), sends("t", on, saying("1", "2"), cancels)), of(oneStage("other")), "cake", false},
	} {
		for way, come := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				t.Parallel()
				s := setup(t, c.old)
				s.buys("a", category("tea"))
				s.clock.set(at("2026-03-03 08:00"))
				come(s, c.next)
				s.redefine(c.next)
				s.buys("b", category(c.buys))
				assert.Equal(t, c.cancelled, len(s.lines(customer.RunCancelled)) == 1)
			})
		}
	}
}

// A trigger that fires once ever, taken out and put back, does not fire again;
// neither are IDs of deliveries ever used twice.
func TestCountersOutliveTheirTriggers(t *testing.T) {
	t.Parallel()
	once := sends("once", trigger.Purchase(), func(t *trigger.Trigger) { t.Limit = trigger.OnceEver })
	each := sends("each", trigger.Purchase())
	s := setup(t, of(nails(), once, each))
	s.buys("a")
	s.redefine(of(nails()))
	s.buys("b")
	s.restart()
	s.redefine(of(nails(), each, once))
	s.buys("c")
	s.tick(opening)
	assert.Equal(t, []string{"olga/once/1/0", "olga/each/1/0", "olga/each/2/0"}, s.sentIDs())
}

// Whatever becomes of the definitions and of what the store knows of them: in the
// end no run waits.
func TestNobodyIsStranded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves, _ := g.life(&w, 1+g.n("times", 2), func(*script) {})
		l := newLab(t, w)
		if g.chance("forgets", 2) {
			l.cfg.Store = &forgot{l.cfg.Store, lostDocuments["missing"]}
			l.restart()
		}
		for _, m := range moves {
			l.clock.set(m.now)
			if r, ok := m.input.(redefinition); ok {
				l.cfg.Definitions = r.to.definitions()
				l.restart()
				_, err := l.Redefine(t.Context(), l.cfg.Definitions, r.options)
				require.NoError(t, err)
			} else if m.input != nil {
				_ = l.Apply(t.Context(), m.input)
			}
		}
		end := moves[len(moves)-1].now.AddDate(0, 6, 0)
		l.tickAt(end)
		for _, r := range l.record().Runs {
			require.True(t, r.Due.After(end), "%+v", r) // begun by a date not long ago
			require.False(t, l.record().Wake.After(r.Due), "%+v", r)
		}
		consistent(t, l.record(), l.events())
	})
}
