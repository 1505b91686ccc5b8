package pipeline_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

func version(t require.TestingT, d pipeline.Definitions) string {
	v, err := d.Version()
	require.NoError(t, err)
	return v
}

// differing tells in which parts two versions differ.
func differing(a, b string) (parts []string) {
	other := strings.Split(b, "-")
	for i, part := range strings.Split(a, "-") {
		if part != other[i] {
			parts = append(parts, []string{"pipelines", "segments", "triggers"}[i])
		}
	}
	return parts
}

func versioned() pipeline.Definitions {
	return with(pipeline.Definitions{
		Pipelines: []pipeline.Pipeline{nails(taking(customer.Filter{Categories: []string{"nails", "feet"}})), oneStage("tea")},
		Triggers: []trigger.Trigger{
			{ID: "a", On: trigger.Purchase(), If: segment.HasTag("x"), Steps: []trigger.Step{trigger.Tag("x"), trigger.Wait(customer.Days(1)), trigger.Send("sms", "Hi <you> & yours")}},
			sends("b", trigger.StageEntered("nails", "call")),
		},
	}, bigSpender(10_00), segment.Segment{ID: "any", Enter: segment.Any(segment.In("big"), segment.HasTag("y"))})
}

// Whatever is written otherwise is another version, names and order included,
// and shows in its own part alone.
func TestVersionTellsWhichPartChanged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*pipeline.Definitions)
		parts  []string
	}{
		"nothing": {func(*pipeline.Definitions) {}, nil},
		"empty lists for none": {func(d *pipeline.Definitions) {
			d.Pipelines[1].Items = []pipeline.ItemCadence{}
			d.Pipelines[1].Takes.SKUs = []string{}
		}, nil},
		"cadence":                 {func(d *pipeline.Definitions) { cadence(customer.Days(20))(&d.Pipelines[0]) }, []string{"pipelines"}},
		"the same length of time": {func(d *pipeline.Definitions) { cadence(customer.Days(21))(&d.Pipelines[0]) }, []string{"pipelines"}},
		"name of a stage":         {func(d *pipeline.Definitions) { d.Pipelines[0].Stages[0].Name = "Thank you" }, []string{"pipelines"}},
		"order of pipelines":      {func(d *pipeline.Definitions) { slices.Reverse(d.Pipelines) }, []string{"pipelines"}},
		"threshold":               {func(d *pipeline.Definitions) { d.Segments[0] = bigSpender(11_00) }, []string{"segments"}},
		"exit":                    {func(d *pipeline.Definitions) { d.Segments[0].Exit = segment.HasTag("z") }, []string{"segments"}},
		"name of a segment":       {func(d *pipeline.Definitions) { d.Segments[0].Name = "Big" }, []string{"segments"}},
		"order of segments":       {func(d *pipeline.Definitions) { slices.Reverse(d.Segments) }, []string{"segments"}},
		"kind of a predicate": {func(d *pipeline.Definitions) {
			d.Segments[1].Enter = segment.All(segment.In("big"), segment.HasTag("y"))
		}, []string{"segments"}},
		"kind of a step":    {func(d *pipeline.Definitions) { d.Triggers[0].Steps[0] = trigger.Untag("x") }, []string{"triggers"}},
		"condition":         {func(d *pipeline.Definitions) { d.Triggers[0].If = segment.HasTag("z") }, []string{"triggers"}},
		"limit":             {func(d *pipeline.Definitions) { d.Triggers[0].Limit = trigger.OnceEver }, []string{"triggers"}},
		"order of triggers": {func(d *pipeline.Definitions) { slices.Reverse(d.Triggers) }, []string{"triggers"}},
		"all": {func(d *pipeline.Definitions) {
			d.Pipelines[1].Name, d.Segments[0].Name, d.Triggers[0].CancelOnPurchase = "x", "x", true
		}, []string{"pipelines", "segments", "triggers"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := versioned()
			c.change(&d)
			assert.Equal(t, c.parts, differing(version(t, versioned()), version(t, d)))
		})
	}
}

// A version outlives its process and the release of this library: it is the one
// that was saved in a store years ago. If it has to change, customers everywhere
// are brought over once more.
func TestVersionIsStable(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a1df71052466-976074bd7801-e5b337ee01e8", version(t, versioned()))
	assert.Equal(t, "4f53cda18c2b-4f53cda18c2b-4f53cda18c2b", version(t, pipeline.Definitions{}))
}

func TestVersionIsThatOfWhatWasWrittenDown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := maker{t}.world()
		d := w.definitions()
		text, err := d.MarshalJSON()
		require.NoError(t, err)
		read, err := pipeline.ParseDefinitions(text)
		require.NoError(t, err)
		require.Equal(t, version(t, d), version(t, read))
	})
}

func TestVersionOfWhatHasNoForm(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]pipeline.Definitions{
		"predicate": with(pipeline.Definitions{}, segment.Segment{ID: "x"}),
		"step":      {Triggers: []trigger.Trigger{{ID: "t", Steps: []trigger.Step{nil}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := d.Version()
			require.Error(t, err)
		})
	}
}

// Every commit stamps the record, whatever it is of.
func TestEveryCommitStampsTheVersion(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, of(nails()), onFaulty(f))
	for n, d := range []pipeline.Definitions{of(nails(), sends("a", trigger.Purchase())), of(nails(), sends("b", trigger.Purchase())), of(oneStage("c"))} {
		s.restartWith(d)
		s.clock.set(s.clock.Now().AddDate(0, 0, 1))
		switch n {
		case 0:
			s.buys("a")
		case 1:
			s.must(customer.Pause{Customer: "olga", Until: s.clock.Now()})
		case 2:
			s.redefine(d)
		}
		assert.Equal(t, version(t, d), s.record().Definitions)
		saved, err := s.cfg.Store.Definitions(t.Context(), version(t, d))
		require.NoError(t, err)
		written, err := d.MarshalJSON()
		require.NoError(t, err)
		assert.Equal(t, string(written), string(saved), "and the store has them")
	}
}

// Nothing is stepped under definitions that the store does not have.
func TestDefinitionsAreSavedFirst(t *testing.T) {
	t.Parallel()
	f := &flaky{Store: setup(t, of(nails())).cfg.Store, failAt: 1, fail: func() error { return errCut }}
	s := emptyShop(t, of(oneStage("a")), on(f))
	require.ErrorIs(t, s.Apply(t.Context(), bought("a", opening)), errCut)
	f.calls = 0
	_, err := s.Tick(t.Context())
	require.ErrorIs(t, err, errCut)
	f.calls = 0
	_, err = s.Redefine(t.Context(), of(oneStage("b")), pipeline.RedefineOptions{})
	require.ErrorIs(t, err, errCut)
	assert.Equal(t, "a", s.Definitions().Pipelines[0].ID, "and a redefinition that fails so early changes nothing")
	assert.Zero(t, counted(t, s, store.Query{NotUnder: version(t, of(nails()))}))
}

func TestDefinitionsOfAnEngineAreACopy(t *testing.T) {
	t.Parallel()
	given := versioned()
	s := setup(t, given)
	spoil := func(d pipeline.Definitions) {
		p := &d.Pipelines[0]
		p.ID, p.Takes.Categories[0], p.Stages[0].ID = "x", "x", "x"
		p.Stages[1].Closes = "x"
		d.Segments[0].ID, d.Segments[0].Enter = "x", nil
		d.Triggers[0].ID, d.Triggers[0].Steps[0] = "x", nil
	}
	spoil(given)
	assert.Equal(t, versioned(), s.Definitions(), "what was given may be changed")
	spoil(s.Definitions())
	assert.Equal(t, versioned(), s.Definitions(), "and what is returned")
	s.buys("a", category("nails"))
	assert.Equal(t, []string{"nails", "tea"}, []string{s.record().Cycles[0].Pipeline, s.record().Cycles[1].Pipeline})
	s.tick(at("2026-03-04 12:00"))
	assert.Equal(t, "waiting", s.stage())

	next := versioned()
	next.Pipelines[0].Stages[0].ID = "hello"
	s.redefine(next)
	want := s.Definitions()
	spoil(next)
	assert.Equal(t, want, s.Definitions())
	assert.Equal(t, "hello", s.Definitions().Pipelines[0].Stages[0].ID)
}
