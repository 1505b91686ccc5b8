package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
)

// dataset is real purchases, and rules to be played on them twice: by the engine
// from definitions in JSON, and by the naive model from the raw file.
type dataset struct {
	file        string
	raw         func(t *testing.T, path string) map[string][]bought
	segments    string // below testdata
	rules       map[string]rule
	days        []string // at whose ends the members are compared
	life        lifecycle
	lifeFile    string
	lifeDays    []string // some of the days
	rows, known int      // purchases and customers there are
	every       int      // one of how many customers is played
}

var cdnow = dataset{
	file:     "cdnow_master.txt",
	raw:      func(t *testing.T, path string) map[string][]bought { return rawCDNOW(t, path, 0, 1) },
	segments: "segments_cdnow.json", rules: rulesOfCDNOW,
	days:     []string{"1997-01-31", "1997-03-31", "1997-06-15", "1997-12-31", "1998-06-30"},
	life:     lifecycle{active: days(90), warm: days(180), cold: days(270), high: 40_00},
	lifeFile: "lifecycle_cdnow.json", lifeDays: []string{"1997-03-31", "1997-12-31", "1998-06-30"},
	rows: 69_659, known: 23_570, every: 3, // all of them are in TestCDNOWMaster
}

var retail = dataset{
	file: "online_retail.csv.gz", raw: rawRetail,
	segments: "segments_retail.json", rules: rulesOfRetail,
	days:     []string{"2010-12-31", "2011-03-31", "2011-06-30", "2011-09-15", "2011-12-09"},
	life:     lifecycle{active: days(60), warm: days(120), cold: days(180), high: 400_00},
	lifeFile: "lifecycle_retail.json", lifeDays: []string{"2010-12-31", "2011-06-30", "2011-12-09"},
	rows: 18_532, known: 4_338, every: 1,
}

func TestSegmentsOfCDNOW(t *testing.T) {
	t.Parallel()
	cdnow.test(t)
}

func TestSegmentsOfRetail(t *testing.T) {
	t.Parallel()
	skipUnderRace(t)
	retail.test(t)
}

// sampling tells whether some of the customers are enough.
func sampling() bool { return testing.Short() || underRace }

// sampled tells whether a customer is one of those who are played. None depends on
// another, so that some of many prove what all do.
func (d *dataset) sampled(id string) bool {
	every := d.every
	if sampling() {
		every = 10
	}
	n, err := strconv.Atoi(id)
	return err != nil || n%every == 0
}

// skipUnderRace is for what reads all the invoices.
func skipUnderRace(t *testing.T) {
	t.Helper()
	if underRace {
		t.Skip("541,909 rows take a minute under the race detector; CDNOW's are played there")
	}
}

func (d *dataset) test(t *testing.T) {
	path := realLog(t, d.file)
	customers := d.raw(t, path)
	require.Len(t, customers, d.known)
	h := d.logs(t)
	require.Len(t, h.entries, d.rows)
	for id := range customers {
		if !d.sampled(id) {
			delete(customers, id)
		}
	}
	entries := slices.DeleteFunc(slices.Clone(h.entries), func(e entry) bool { return !d.sampled(e.input.CustomerID()) })
	rules := d.life.rules()
	maps.Copy(rules, d.rules)

	p, err := newPlayer(memory.New(), d.definitions(t))
	require.NoError(t, err)
	seen := make(map[string]members)
	for _, day := range d.days {
		n := countBefore(entries, endOf(day))
		playTo(t, p, entries[:n], endOf(day))
		entries = entries[n:]
		seen[day] = membersNow(t, p.eng)
		compare(t, day, rules, customers, seen[day])
	}
	d.keepCounts(t, rules, seen)
	d.checkMoves(t, customers, seen)
	checkExplanations(t, p.eng, rules, customers)
}

// readings are the logs that were read, by their paths: more than one test wants the
// invoices, and reading them takes a while.
var readings sync.Map

// logs reads a log, unless that was done.
func (d *dataset) logs(t *testing.T) history {
	t.Helper()
	path := realLog(t, d.file)
	read, _ := readings.LoadOrStore(path, sync.OnceValues(func() (history, error) { return readLogs(options{purchases: path}, nil) }))
	h, err := read.(func() (history, error))()
	require.NoError(t, err)
	return h
}

// definitions puts the segments of both files together.
func (d *dataset) definitions(t *testing.T) pipeline.Definitions {
	t.Helper()
	var all pipeline.Definitions
	for _, name := range []string{d.segments, d.lifeFile} {
		document, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		defs, err := pipeline.ParseDefinitions(document)
		require.NoError(t, err)
		all.Segments = append(all.Segments, defs.Segments...)
	}
	return all
}

// endOf is the last instant of a day.
func endOf(day string) time.Time {
	t, err := time.Parse("2006-01-02", day)
	if err != nil {
		panic(err)
	}
	return t.AddDate(0, 0, 1).Add(-time.Microsecond)
}

// playTo feeds the entries, and lets the clock go on to an instant.
func playTo(t *testing.T, p *player, entries []entry, now time.Time) {
	t.Helper()
	ctx := t.Context()
	for len(entries) > 0 {
		today := dayOf(entries[0].at)
		n := countBefore(entries, today.Add(day))
		require.NoError(t, p.day(ctx, today, entries[:n]))
		entries = entries[n:]
	}
	require.NoError(t, p.tick(ctx, now))
}

// members are the customers in each segment.
type members map[string]map[string]bool

func membersNow(t *testing.T, eng *pipeline.Engine) members {
	t.Helper()
	all := make(members)
	for rec, err := range eng.Customers(context.Background(), store.Query{}) {
		require.NoError(t, err)
		for _, m := range rec.Segments {
			if all[m.Segment] == nil {
				all[m.Segment] = make(map[string]bool)
			}
			all[m.Segment][rec.Customer.ID] = true
		}
	}
	return all
}

// compare tells who is in a segment at the end of a day but should not be, or the
// other way round.
func compare(t *testing.T, day string, rules map[string]rule, customers map[string][]bought, got members) {
	t.Helper()
	want, wrong := make(map[string]int), make(map[string][]string)
	end := endOf(day)
	for id, all := range customers {
		p := past{id: id, all: all}.until(end)
		for segment, r := range rules {
			should := p.count() > 0 && r(p)
			if should {
				want[segment]++
			}
			if should != got[segment][id] {
				wrong[segment] = append(wrong[segment], id)
			}
		}
	}
	for segment, ids := range wrong {
		slices.Sort(ids)
		assert.Fail(t, "wrong members", "%s on %s: %d, not %d; as %s", segment, day, len(got[segment]), want[segment], ids[:min(len(ids), 5)])
	}
	for segment := range got {
		assert.Contains(t, rules, segment)
	}
}

// keepCounts keeps how many members there were in a golden file.
func (d *dataset) keepCounts(t *testing.T, rules map[string]rule, seen map[string]members) {
	t.Helper()
	if sampling() {
		return
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%-18s  %s\n", "At the end of", strings.Join(d.days, "  "))
	for _, segment := range slices.Sorted(maps.Keys(rules)) {
		fmt.Fprintf(&b, "%-18s", segment)
		for _, day := range d.days {
			fmt.Fprintf(&b, "  %10d", len(seen[day][segment]))
		}
		b.WriteByte('\n')
	}
	golden(t, strings.TrimSuffix(d.segments, ".json")+".golden", b.Bytes())
}

// checkExplanations asks of some customers why they are in segments, at an
// instant of the past or the future at which something may change, and whether
// that lasts as long as is said.
func checkExplanations(t *testing.T, eng *pipeline.Engine, rules map[string]rule, customers map[string][]bought) {
	t.Helper()
	random := rand.New(rand.NewPCG(19, 97))
	ids := slices.Sorted(maps.Keys(customers))
	edges := []after{days(0), days(7), days(30), days(45), days(60), days(90), months(3), months(6), days(180), days(270)}
	asked := 0
	for asked < 40 {
		id := ids[random.IntN(len(ids))]
		all := customers[id]
		b := all[random.IntN(len(all))]
		at := edges[random.IntN(len(edges))](b.at).Add(-time.Duration(random.IntN(2)) * time.Microsecond)
		if at.Before(all[0].at) {
			continue
		}
		asked++
		for segment, r := range rules {
			checkExplanation(t, eng, segment, r, past{id: id, all: all}.until(at), edges)
		}
	}
}

func checkExplanation(t *testing.T, eng *pipeline.Engine, segment string, r rule, p past, edges []after) {
	t.Helper()
	e, err := eng.Explain(t.Context(), p.id, segment, p.now)
	require.NoError(t, err)
	assert.Equal(t, r(p), e.Member, "%s in %s at %s", p.id, segment, p.now)
	until := p.now.AddDate(3, 0, 0)
	if !e.Until.IsZero() {
		until = e.Until
		assert.Equal(t, !e.Member, r(p.until(until)), "%s in %s at %s, until %s", p.id, segment, p.now, until)
		assert.Equal(t, e.Member, r(p.until(until.Add(-time.Microsecond))), "%s in %s at %s, until %s", p.id, segment, p.now, until)
	}
	for _, edge := range edges {
		if later := edge(p.now); later.Before(until) {
			assert.Equal(t, e.Member, r(p.until(later)), "%s in %s at %s, until %s, but at %s", p.id, segment, p.now, until, later)
		}
	}
}
