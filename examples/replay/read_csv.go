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
	header, err := in.Read()
	if err != nil {
		return nil, csvError(err)
	}
	columns, err := csvColumns(header)
	if err != nil {
		line, _ := in.FieldPos(0)
		return nil, &lineError{line, err}
	}
	in.ReuseRecord = true
	var sales []entry
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return sales, nil
		}
		if err != nil {
			return nil, csvError(err)
		}
		line, _ := in.FieldPos(0)
		p, err := csvRow(fields, columns)
		if err != nil {
			return nil, &lineError{line, err}
		}
		s, err := newSale(line, len(sales)+1, p)
		if err != nil {
			return nil, err
		}
		sales = append(sales, s)
	}
}

// csvColumns returns where the header puts each column that it names.
func csvColumns(header []string) (map[string]int, error) {
	columns := make(map[string]int, len(header))
	for i, name := range header {
		if !slices.Contains([]string{"customer", "date", "amount", "id", "category", "sku"}, name) {
			return nil, fmt.Errorf("the header has the unknown column %.40q; it is %s", name, csvHeader)
		}
		if _, twice := columns[name]; twice {
			return nil, fmt.Errorf("the header has the column %q twice; it is %s", name, csvHeader)
		}
		columns[name] = i
	}
	for _, name := range []string{"customer", "date", "amount"} {
		if _, ok := columns[name]; !ok {
			return nil, fmt.Errorf("the header has no column %q; it is %s", name, csvHeader)
		}
	}
	return columns, nil
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
