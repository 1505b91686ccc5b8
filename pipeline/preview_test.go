package pipeline_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// preview returns who would be in a segment, of everybody.
func (s *shop) preview(of segment.Segment) pipeline.Preview {
	s.t.Helper()
	p, err := s.Preview(s.t.Context(), of, pipeline.PreviewOptions{Sample: 1000})
	require.NoError(s.t, err)
	assert.Len(s.t, p.Sample, p.Count)
	return p
}

// would returns who would be in a segment with that predicate.
func (s *shop) would(enter segment.Predicate) []string {
	s.t.Helper()
	return s.preview(segment.Segment{ID: "new", Enter: enter}).Sample
}

// thirds adds n customers, named by numbers, of whom each third is tagged.
func (s *shop) thirds(n int) {
	s.t.Helper()
	for i := range n {
		c := customer.Customer{ID: fmt.Sprintf("c%04d", i), Phones: phones}
		if i%3 == 0 {
			c.Tags = []string{"third"}
		}
		s.must(c)
	}
}

func TestPreviewCountsWhoWouldBeIn(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.thirds(4)
	s.buys("1")
	s.must(customer.Purchase{ID: "2", Customer: "c0001", At: s.clock.Now(), Amount: 90_00})
	before := dump(t, s.cfg.Store)

	p, err := s.Preview(t.Context(), segment.Segment{ID: "new", Enter: segment.HasTag("third")}, pipeline.PreviewOptions{})
	require.NoError(t, err)
	assert.Equal(t, pipeline.Preview{Scanned: 5, Count: 2, Sample: []string{"c0000", "c0003"}}, p)
	assert.Equal(t, []string{"c0001", "olga"}, s.would(segment.PurchasedWithin(customer.Days(1))))
	assert.Equal(t, []string{"c0001"}, s.would(segment.Spent(segment.More, 50_00)))
	assert.Equal(t, []string{"c0001", "olga"}, s.would(segment.InStage("nails", "thanks")))
	assert.Equal(t, []string{}, s.would(segment.Not(segment.All())))
	assert.Len(t, s.would(segment.All()), 5)

	s.clock.set(s.clock.Now().AddDate(0, 0, 1))
	assert.Equal(t, []string{}, s.would(segment.PurchasedWithin(customer.Days(1))), "as of now")
	assert.Equal(t, before, dump(t, s.cfg.Store), "nothing has changed")
}

func TestPreviewHeedsTheZone(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, pipeline.Definitions{}, inZone("Europe/Berlin"))
	s.must(customer.Customer{ID: "berlin"}, customer.Customer{ID: "york", Zone: "America/New_York"})
	s.clock.set(at("2026-03-08 06:00")) // an hour before New York's clocks go forward
	for _, id := range []string{"berlin", "york"} {
		s.must(customer.Purchase{ID: id, Customer: id, At: s.clock.Now(), Amount: 1})
	}
	s.clock.set(at("2026-03-09 05:30"))
	assert.Equal(t, []string{"berlin"}, s.would(segment.PurchasedWithin(customer.Days(1))))
}

func TestPreviewHeedsTheExit(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, pipeline.Definitions{})
	s.must(customer.Customer{ID: "in", Tags: []string{"a"}}, customer.Customer{ID: "out", Tags: []string{"b"}},
		customer.Customer{ID: "through", Tags: []string{"a", "b"}})
	p := s.preview(segment.Segment{ID: "new", Enter: segment.HasTag("a"), Exit: segment.HasTag("b")})
	assert.Equal(t, []string{"in"}, p.Sample)
}

func TestPreviewRefersToLiveSegments(t *testing.T) {
	t.Parallel()
	s := setup(t, pipeline.Definitions{Segments: []segment.Segment{
		{ID: "asleep", Enter: segment.NoPurchaseFor(customer.Days(30))},
		{ID: "tagged", Enter: segment.HasTag("third")},
	}})
	s.thirds(3)
	s.buys("1")
	assert.Equal(t, []string{"c0000"}, s.would(segment.In("tagged")))
	assert.Equal(t, []string{"c0001", "c0002", "olga"}, s.would(segment.Not(segment.In("tagged"))))
	assert.Equal(t, []string{}, s.would(segment.In("asleep")))
	s.clock.set(s.clock.Now().AddDate(0, 0, 30))
	assert.Equal(t, []string{"olga"}, s.would(segment.In("asleep")), "though nobody has ticked")
	assert.Equal(t, []string{"olga"}, s.would(segment.Any(segment.In("asleep"), segment.HasTag("none"))))
}

// What is due by the clock is done first, with all that follows from it; and none
// of it is kept.
func TestPreviewStepsWhoIsDue(t *testing.T) {
	t.Parallel()
	d := of(nails(), trigger.Trigger{ID: "tag", On: trigger.StageEntered("nails", "due"), Steps: []trigger.Step{
		trigger.Tag("waited for"), trigger.Send("sms", "come"),
	}})
	s := emptyShop(t, d, func(c *pipeline.Config) { c.Batch = 2 })
	s.thirds(5)
	for i := range 5 {
		s.must(customer.Purchase{ID: fmt.Sprint(i), Customer: fmt.Sprintf("c%04d", i), At: s.clock.Now(), Amount: 1})
	}
	before := dump(t, s.cfg.Store)
	s.clock.set(s.clock.Now().AddDate(0, 0, 21))
	assert.Len(t, s.would(segment.All(segment.InStage("nails", "due"), segment.HasTag("waited for"))), 5)
	assert.Equal(t, before, dump(t, s.cfg.Store), "nothing has changed")
	s.tick(s.clock.Now())
	assert.Len(t, s.messages(), 5)
	assert.Len(t, s.would(segment.HasTag("waited for")), 5)
}

// Customers who were last stepped under other definitions are seen as they would
// be under these.
func TestPreviewUnderOtherDefinitions(t *testing.T) {
	t.Parallel()
	s := setup(t, pipeline.Definitions{})
	s.buys("1")
	s.cfg.Definitions = of(nails())
	s.cfg.Definitions.Segments = []segment.Segment{{ID: "buyer", Enter: segment.PurchasedWithin(customer.Days(5))}}
	s.restart()
	assert.Equal(t, []string{"olga"}, s.would(segment.In("buyer")))
	assert.Equal(t, []string{"olga"}, s.would(segment.InStage("nails", "thanks")))
	assert.Empty(t, s.record().Segments, "nothing has changed")
}

func TestPreviewTellsFaults(t *testing.T) {
	t.Parallel()
	tagged := segment.HasTag("a")
	s := setup(t, pipeline.Definitions{Segments: []segment.Segment{{ID: "a", Enter: tagged}, {ID: "b", Enter: segment.In("a")}}})
	for _, row := range []struct {
		s     segment.Segment
		paths []string
	}{
		{segment.Segment{ID: "new"}, []string{"segments[2].enter"}},
		{segment.Segment{ID: "new", Enter: segment.In("none"), Exit: segment.HasTag("")}, []string{"segments[2].enter.segment", "segments[2].exit.tags"}},
		{segment.Segment{ID: "new", Enter: segment.InStage("nails", "due")}, []string{"segments[2].enter.stage.pipeline"}},
		{segment.Segment{ID: "new", Enter: tagged, Stay: customer.Days(-1)}, []string{"segments[2].stay"}},
		{segment.Segment{ID: "new", Enter: segment.In("new")}, []string{"segments[2]"}},
		{segment.Segment{ID: "a", Enter: segment.In("b")}, []string{"segments[0]"}},
	} {
		p, err := s.Preview(t.Context(), row.s, pipeline.PreviewOptions{})
		require.ErrorIs(t, err, customer.ErrDefinition, "%+v", row.s)
		assert.Zero(t, p)
		for _, path := range row.paths {
			assert.Contains(t, err.Error(), path+": ")
		}
	}
	assert.Equal(t, []string{}, s.preview(segment.Segment{Enter: tagged}).Sample, "an ID is not needed")
	assert.Equal(t, []string{"olga"}, s.preview(segment.Segment{ID: "a", Enter: segment.All()}).Sample, "a live one can be changed")

	_, err := s.Preview(t.Context(), segment.Segment{Enter: tagged}, pipeline.PreviewOptions{Sample: -1})
	require.ErrorIs(t, err, customer.ErrInvalid)
}

func TestPreviewSample(t *testing.T) {
	t.Parallel()
	const n = 3000
	s := emptyShop(t, pipeline.Definitions{})
	s.thirds(n)
	draw := func(size int, enter segment.Predicate) []string {
		p, err := s.Preview(t.Context(), segment.Segment{Enter: enter}, pipeline.PreviewOptions{Sample: size})
		require.NoError(t, err)
		assert.True(t, slices.IsSorted(p.Sample), "ordered by ID")
		return p.Sample
	}
	all, third := segment.All(), segment.HasTag("third")
	assert.Len(t, draw(0, all), 10)
	assert.Len(t, draw(5000, third), n/3, "all there are")
	hundred := draw(100, all)
	assert.Equal(t, hundred, draw(100, all), "the same each time")
	assert.Subset(t, draw(200, all), hundred, "a larger one has more")

	thirds := draw(n, third)
	drawn := slices.DeleteFunc(draw(300, all), func(id string) bool { return !slices.Contains(thirds, id) })
	assert.Equal(t, drawn, draw(len(drawn), third), "who is drawn from many is drawn from few")

	parts := make([]int, 10)
	for _, id := range draw(1000, all) {
		var i int
		_, err := fmt.Sscanf(id, "c%d", &i)
		require.NoError(t, err)
		parts[i*10/n]++
	}
	for _, count := range parts {
		assert.InDelta(t, 100, count, 35, "drawn from everywhere: %v", parts)
	}
}

func TestPreviewTellsProgress(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, pipeline.Definitions{})
	s.thirds(2500)
	var told []int
	_, err := s.Preview(t.Context(), segment.Segment{Enter: segment.All()}, pipeline.PreviewOptions{
		Progress: func(scanned int) { told = append(told, scanned) },
	})
	require.NoError(t, err)
	assert.Equal(t, []int{1000, 2000}, told)

	ctx, cancel := context.WithCancel(t.Context())
	p, err := s.Preview(ctx, segment.Segment{Enter: segment.All()}, pipeline.PreviewOptions{Progress: func(int) { cancel() }})
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, p)
}

// spy notes what is asked of a store.
type spy struct {
	store.Store
	queries []store.Query
}

func (s *spy) Find(ctx context.Context, q store.Query) iter.Seq2[store.Loaded, error] {
	s.queries = append(s.queries, q)
	return s.Store.Find(ctx, q)
}

func TestPreviewReadsNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	watched := new(spy)
	views := segment.Activities{Name: "view", Within: customer.Hours(5)}.Count(segment.AtLeast, 1)
	s := setup(t, pipeline.Definitions{Segments: []segment.Segment{{ID: "viewer", Enter: views}}}, func(c *pipeline.Config) {
		watched.Store, c.Store = c.Store, watched
	})
	for _, row := range []struct {
		s     segment.Segment
		reach segment.Reach
	}{
		{segment.Segment{Enter: segment.HasTag("a")}, segment.Reach{}},
		{segment.Segment{Enter: segment.In("viewer")}, segment.Reach{}},
		{segment.Segment{Enter: views}, segment.Reach{Activities: 5 * time.Hour}},
		{segment.Segment{Enter: segment.HasTag("a"), Exit: views}, segment.Reach{Activities: 5 * time.Hour}},
		{segment.Segment{Enter: segment.Bought("tea", customer.Period{})}, segment.Reach{AllPurchases: true}},
	} {
		s.preview(row.s)
		q := watched.queries[len(watched.queries)-1]
		assert.Equal(t, store.Query{Reach: row.reach, Reuse: true}, q)
	}
}

// TestPreviewIsWhatComesTrue plays histories, previews a segment, and then makes
// it live.
func TestPreviewIsWhatComesTrue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		l := newLab(t, w)
		for _, m := range g.script(&w, 8, func(*script) {}) {
			l.clock.set(m.now)
			if m.input != nil {
				_ = l.Apply(t.Context(), m.input) // one that is refused is as good
			}
		}
		l.clock.set(l.clock.Now().Add(time.Duration(g.n("idle hours", 30*24)) * time.Hour))
		s := segment.Segment{ID: "new", Enter: g.rule(&w, 2).predicate()}
		if g.chance("exit", 3) {
			s.Exit = g.rule(&w, 1).predicate()
		}
		p, err := l.Preview(t.Context(), s, pipeline.PreviewOptions{})
		require.NoError(t, err)

		d := w.definitions()
		d.Segments = append(d.Segments, s)
		_, err = l.Redefine(t.Context(), d, pipeline.RedefineOptions{})
		require.NoError(t, err)
		_, in := segment.Find(l.record().Segments, "new")
		require.Equal(t, in, p.Count == 1, "%+v", p)
	})
}
