package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// entry is one thing that a log tells of: a purchase or an activity.
type entry struct {
	log   string // the path
	line  int    // of the log
	at    time.Time
	input customer.Input
}

// readLogs reads the logs that the options name and returns what they tell in
// time order, those of one instant in the order of the log. Of one instant,
// activities come before purchases, since they lead to them: a cart that is
// filled and bought on the same day is not left behind.
func readLogs(opts options, stdin io.Reader) ([]entry, error) {
	var entries []entry
	for _, log := range []struct {
		path string
		read func(io.Reader) ([]entry, error)
	}{{opts.activities, readActivities}, {opts.purchases, readPurchases}} {
		if log.path == "" {
			continue
		}
		told, err := readFile(log.path, stdin, log.read)
		if err != nil {
			return nil, err
		}
		for i := range told {
			told[i].log = log.path
		}
		entries = append(entries, told...)
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return a.at.Compare(b.at) })
	return entries, nil
}

// readPurchases reads a purchase log in any of the layouts known here. A row
// without an ID is given one that no other row has and that follows the order of
// the log.
func readPurchases(r io.Reader) ([]entry, error) {
	in := skipMark(r)
	read := readCDNOW
	if looksLikeCSV(in) {
		read = readCSV
	}
	sales, err := read(in)
	if err == nil && len(sales) == 0 {
		err = errors.New("there is no purchase in the log")
	}
	return sales, err
}

// skipMark passes over the byte order mark that spreadsheets write.
func skipMark(r io.Reader) *bufio.Reader {
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3)
	}
	return in
}

// looksLikeCSV reports whether there is a comma in the first line that is not
// blank.
func looksLikeCSV(in *bufio.Reader) bool {
	start, _ := in.Peek(in.Size()) // a shorter log is no error
	first, _, _ := strings.Cut(strings.TrimSpace(string(start)), "\n")
	return strings.Contains(first, ",")
}

// newSale completes a row and checks it.
func newSale(line, row int, p customer.Purchase) (entry, error) {
	if p.ID == "" {
		// With leading zeros, since the engine orders purchases of one instant by ID.
		p.ID = fmt.Sprintf("replay-row-%010d", row)
	}
	if err := p.Validate(); err != nil {
		return entry{}, &lineError{line, err}
	}
	return entry{line: line, at: p.At, input: p}, nil
}
