package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/regulars-go/regulars/customer"
)

const csvHeader = "customer,date,amount[,id,category,sku]"

// readCSV reads comma-separated values (RFC 4180) under a header that names the
// columns customer, date and amount, and may name id, category and sku.
func readCSV(r io.Reader) ([]entry, error) {
	in := csv.NewReader(r)
	columns, err := csvColumns(in, csvHeader, "id", "category", "sku")
	if err != nil {
		return nil, err
	}
	var sales []entry
	err = eachRow(in, func(line int, fields []string) error {
		p, err := csvRow(fields, columns)
		if err != nil {
			return err
		}
		s, err := newSale(line, len(sales)+1, p)
		sales = append(sales, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	return sales, nil
}

// csvColumns reads a header and returns where it puts each column that it names.
// The layout lists those there are; it need not name the optional ones.
func csvColumns(in *csv.Reader, layout string, optional ...string) (map[string]int, error) {
	header, err := in.Read()
	if err != nil {
		return nil, csvError(err)
	}
	line, _ := in.FieldPos(0)
	known := strings.FieldsFunc(layout, func(r rune) bool { return strings.ContainsRune("[,]", r) })
	columns := make(map[string]int, len(header))
	for i, name := range header {
		if !slices.Contains(known, name) {
			return nil, &lineError{line, fmt.Errorf("the header has the unknown column %.40q; it is %s", name, layout)}
		}
		if _, twice := columns[name]; twice {
			return nil, &lineError{line, fmt.Errorf("the header has the column %q twice; it is %s", name, layout)}
		}
		columns[name] = i
	}
	for _, name := range known {
		if _, ok := columns[name]; !ok && !slices.Contains(optional, name) {
			return nil, &lineError{line, fmt.Errorf("the header has no column %q; it is %s", name, layout)}
		}
	}
	return columns, nil
}

// eachRow hands over the rows behind the header, one by one; the next overwrites
// the last. Errors tell the line.
func eachRow(in *csv.Reader, row func(line int, fields []string) error) error {
	in.ReuseRecord = true
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return csvError(err)
		}
		line, _ := in.FieldPos(0)
		if err := row(line, fields); err != nil {
			return &lineError{line, err}
		}
	}
}

func csvRow(fields []string, columns map[string]int) (customer.Purchase, error) {
	get := func(name string) string {
		if i, ok := columns[name]; ok {
			return strings.Clone(fields[i]) // the fields of a row share one string
		}
		return ""
	}
	p := customer.Purchase{ID: get("id"), Customer: get("customer")}
	var err error
	if p.At, err = parseTime(get("date")); err != nil {
		return p, err
	}
	if p.Amount, err = parseAmount(get("amount")); err != nil {
		return p, err
	}
	if category, sku := get("category"), get("sku"); category != "" || sku != "" {
		p.Items = []customer.Item{{SKU: sku, Category: category, Quantity: 1, Amount: p.Amount}}
	}
	return p, nil
}

// csvError puts an error of package csv into our words. A quoted field may go on
// over several lines; the line is the one at which the row begins.
func csvError(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return &lineError{parse.StartLine, parse.Err}
	}
	return err
}
