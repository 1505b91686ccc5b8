package sqlite

import (
	"encoding/binary"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// log is what is in the log, which SQLite calls the WAL: the pages that were
// written since it was last emptied, again for each transaction.
type log struct {
	bytes int
	pages []uint32
}

// emptyLog moves everything to the file, and lets the log grow from now on.
func emptyLog(tb testing.TB, s *Store) {
	tb.Helper()
	pen := <-s.pen
	defer func() { s.pen <- pen }()
	require.NoError(tb, pen.exec("pragma wal_autocheckpoint = 0"))
	var busy, pages, moved int
	_, err := pen.one("pragma wal_checkpoint(truncate)", nil, &busy, &pages, &moved)
	require.NoError(tb, err)
	require.Zero(tb, busy)
}

// readLog reads the page numbers of the frames; see "WAL File Format" in SQLite's
// documentation.
func readLog(tb testing.TB, path string) (l log) {
	tb.Helper()
	const header, frame = 32, 24
	raw, err := os.ReadFile(path + "-wal")
	require.NoError(tb, err)
	l.bytes = len(raw)
	size := int(binary.BigEndian.Uint32(raw[8:]))
	for raw = raw[header:]; len(raw) >= frame+size; raw = raw[frame+size:] {
		l.pages = append(l.pages, binary.BigEndian.Uint32(raw))
	}
	return l
}

// owners returns which table or index each page of the file is of.
func owners(tb testing.TB, s *Store) map[uint32]string {
	tb.Helper()
	rows, err := s.db.QueryContext(tb.Context(), `select pageno, name from dbstat`)
	require.NoError(tb, err)
	defer rows.Close()
	names := make(map[uint32]string)
	for rows.Next() {
		var page uint32
		var name string
		require.NoError(tb, rows.Scan(&page, &name))
		names[page] = name
	}
	require.NoError(tb, rows.Err())
	return names
}

// pages does some work and counts the pages it writes, by the table or index that
// they are of.
func (x *bench) pages(tb testing.TB, work func()) (by map[string]int, all log) {
	tb.Helper()
	emptyLog(tb, x.Store)
	work()
	all = readLog(tb, x.path)
	names := owners(tb, x.Store)
	by = make(map[string]int)
	for _, page := range all.pages {
		by[names[page]]++
	}
	return by, all
}

// load is what a store does all day, so many at a time.
type load struct {
	name         string
	prepare, run func(x *bench, tb testing.TB, batch int)
}

var loads = []load{
	{"purchases", func(*bench, testing.TB, int) {}, func(x *bench, tb testing.TB, batch int) {
		require.NoError(tb, x.Commit(tb.Context(), x.changes(x.some(batch))...))
	}},
	{"wake-ups", func(*bench, testing.TB, int) {}, (*bench).wakeUp},
	{"deliveries", (*bench).fill, (*bench).deliver},
}

// BenchmarkPages counts the pages that an event writes to the log, in batches of
// a thousand, where no two are of customers near each other: no load of the machine
// changes that.
func BenchmarkPages(b *testing.B) {
	const batch = 1000
	for _, n := range sizes() {
		if n > 100_000 {
			continue // there is nothing to learn that needs so long
		}
		b.Run(fmt.Sprint("customers=", n), func(b *testing.B) {
			x := newBench(b, n)
			for _, l := range loads {
				b.Run(l.name, func(b *testing.B) {
					l.prepare(x, b, batch)
					by, all := x.pages(b, func() { l.run(x, b, batch) })
					for name, pages := range by {
						b.ReportMetric(float64(pages)/batch, name+"/event")
					}
					b.ReportMetric(float64(len(all.pages))/batch, "pages/event")
					b.ReportMetric(float64(all.bytes)/batch, "bytes/event")
					b.ReportMetric(0, "ns/op") // it is not what is measured
				})
			}
		})
	}
}

// TestPagesOfAnEvent holds the pages that an event writes to what they are where
// most are of customers on pages of their own: each transaction has an event of one
// customer in a hundred.
func TestPagesOfAnEvent(t *testing.T) {
	t.Parallel()
	const customers, batch, batches = 3000, 30, 5
	x := newBench(t, customers)
	for i, most := range []float64{3, 1.4, 0.7} {
		l := loads[i]
		l.prepare(x, t, batch*batches)
		by, all := x.pages(t, func() {
			for range batches {
				l.run(x, t, batch)
			}
		})
		assert.LessOrEqual(t, float64(len(all.pages))/(batch*batches), most, "%s: pages for each: %v", l.name, by)
	}
}
