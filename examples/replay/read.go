package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/regulars-go/regulars/customer"
)

// sale is one row of a purchase log.
type sale struct {
	line     int // of the log
	purchase customer.Purchase
}

// readLog reads a purchase log in any of the layouts known here, and returns its
// rows in time order, those of one instant in the order of the log. A row
// without an ID is given one that no other row has and that follows the order
// of the log.
func readLog(r io.Reader) ([]sale, error) {
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3) // the byte order mark that spreadsheets write
	}
	read := readCDNOW
	if looksLikeCSV(in) {
		read = readCSV
	}
	sales, err := read(in)
	if err != nil {
		return nil, err
	}
	if len(sales) == 0 {
		return nil, errors.New("there is no purchase in the log")
	}
	slices.SortStableFunc(sales, func(a, b sale) int { return a.purchase.At.Compare(b.purchase.At) })
	return sales, nil
}

// looksLikeCSV reports whether there is a comma in the first line that is not
// blank.
func looksLikeCSV(in *bufio.Reader) bool {
	start, _ := in.Peek(in.Size()) // a shorter log is no error
	first, _, _ := strings.Cut(strings.TrimSpace(string(start)), "\n")
	return strings.Contains(first, ",")
}

// newSale completes a row and checks it.
func newSale(line, row int, p customer.Purchase) (sale, error) {
	if p.ID == "" {
		// With leading zeros, since the engine orders purchases of one instant by ID.
		p.ID = fmt.Sprintf("replay-row-%010d", row)
	}
	if err := p.Validate(); err != nil {
		return sale{}, &lineError{line, err}
	}
	return sale{line, p}, nil
}
