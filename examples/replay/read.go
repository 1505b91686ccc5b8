package main

import (
	"bufio"
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

// history is what logs tell.
type history struct {
	entries []entry
	leftOut map[string]int // rows that are no purchase, by the reason; nil where there can be none
}

// readLogs reads the logs that the options name and returns what they tell in
// time order, those of one instant in the order of the log. Of one instant,
// activities come before purchases, since they lead to them: a cart that is
// filled and bought on the same day is not left behind.
func readLogs(opts options, stdin io.Reader) (history, error) {
	var all history
	for _, log := range []struct {
		path string
		read func(*bufio.Reader) (history, error)
	}{{opts.activities, readActivities}, {opts.purchases, readPurchases}} {
		if log.path == "" {
			continue
		}
		h, err := readFile(log.path, stdin, log.read)
		if err != nil {
			return history{}, err
		}
		for i := range h.entries {
			h.entries[i].log = log.path
		}
		all.entries = append(all.entries, h.entries...)
		all.leftOut = h.leftOut // only purchases leave rows out
	}
	slices.SortStableFunc(all.entries, func(a, b entry) int { return a.at.Compare(b.at) })
	return all, nil
}

// readPurchases reads a purchase log in any of the layouts known here. A row
// without an ID is given one that no other row has and that follows the order of
// the log.
func readPurchases(in *bufio.Reader) (h history, err error) {
	switch first := firstLine(in); {
	case strings.HasPrefix(strings.TrimPrefix(first, `"`), "InvoiceNo"):
		h, err = readRetail(in)
	case strings.Contains(first, ","):
		h.entries, err = readCSV(in)
	default:
		h.entries, err = readCDNOW(in)
	}
	if err == nil && len(h.entries) == 0 {
		err = errors.New("there is no purchase in the log")
	}
	return h, err
}

// firstLine returns the first line that is not blank, or the begin of one that
// is very long, without passing over it.
func firstLine(in *bufio.Reader) string {
	start, _ := in.Peek(in.Size()) // a shorter log is no error
	first, _, _ := strings.Cut(strings.TrimSpace(string(start)), "\n")
	return first
}

// newSale completes a row and checks it.
func newSale(line, row int, p customer.Purchase) (entry, error) {
	if p.ID == "" {
		// With leading zeros, since the engine orders purchases of one instant by ID.
		p.ID = fmt.Sprintf("replay-row-%010d", row)
	}
	return entry{line: line, at: p.At, input: p}, p.Validate()
}
