package sqlite

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"testing"

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

// written counts the pages that the work writes, by the table or index.
func (x *bench) pages(tb testing.TB, work func()) (byName map[string]int, all log) {
	tb.Helper()
	emptyLog(tb, x.Store)
	work()
	all = readLog(tb, x.path)
	names := owners(tb, x.Store)
	byName = make(map[string]int)
	for _, page := range all.pages {
		byName[names[page]]++
	}
	return byName, all
}

// BenchmarkPages counts the pages that an event writes to the log, in batches of
// a thousand: no load of the machine changes it.
func BenchmarkPages(b *testing.B) {
	for _, n := range sizes() {
		if n > 100_000 {
			continue
		}
		b.Run(fmt.Sprint("customers=", n), func(b *testing.B) {
			x := newBench(b, n)
			for b.Loop() {
				const batches, batch = 4, 1000
				by, all := x.pages(b, func() {
					for range batches {
						require.NoError(b, x.Commit(b.Context(), x.changes(x.some(batch))...))
					}
				})
				for name, pages := range by {
					b.ReportMetric(float64(pages)/(batches*batch), string(bytes.TrimSpace([]byte(name)))+"/event")
				}
				b.ReportMetric(float64(len(all.pages))/(batches*batch), "pages/event")
				b.ReportMetric(float64(all.bytes)/(batches*batch), "bytes/event")
			}
		})
	}
}
