package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/regulars-go/regulars/customer"
)

// readCDNOW reads the layouts of CDNOW: columns parted by white space, which are
// customer_id, date, number_of_cds and dollar_value under a header in the master
// file, and master_id, sample_id, date, cds and dollars in its sample. The
// first row says which it is.
func readCDNOW(r io.Reader) ([]entry, error) {
	var sales []entry
	columns, line := 0, 0
	for scanner := bufio.NewScanner(r); ; {
		line++
		if !scanner.Scan() {
			if err := scanner.Err(); err != nil {
				return nil, &lineError{line, err}
			}
			return sales, nil
		}
		fields := strings.Fields(scanner.Text())
		if len(fields) == 0 || (columns == 0 && fields[0] == "customer_id") {
			continue
		}
		if columns == 0 {
			columns = len(fields)
		}
		p, err := cdnowRow(fields, columns)
		if err != nil {
			return nil, &lineError{line, err}
		}
		s, err := newSale(line, len(sales)+1, p)
		if err != nil {
			return nil, &lineError{line, err}
		}
		sales = append(sales, s)
	}
}

// cdnowRow reads a row of the given number of columns.
func cdnowRow(fields []string, columns int) (customer.Purchase, error) {
	switch {
	case columns != 4 && columns != 5:
		return customer.Purchase{}, fmt.Errorf(
			"%d columns are neither CDNOW's master (4) nor its sample (5), and CSV has the header %s", columns, csvHeader)
	case len(fields) != columns:
		return customer.Purchase{}, fmt.Errorf("there are %d columns where the first row has %d", len(fields), columns)
	}
	id, fields := fields[0], fields[columns-3:]
	at, err := parsePlainDay(fields[0])
	if err != nil {
		return customer.Purchase{}, err
	}
	pieces, err := parseCount(fields[1])
	if err != nil {
		return customer.Purchase{}, err
	}
	amount, err := parseAmount(fields[2])
	if err != nil {
		return customer.Purchase{}, err
	}
	cds := customer.Item{Category: "cd", Quantity: pieces, Amount: amount}
	return customer.Purchase{Customer: id, At: at, Amount: amount, Items: []customer.Item{cds}}, nil
}
