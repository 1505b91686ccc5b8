package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/bits"
	"strings"
	"time"
	"unique"

	"github.com/regulars-go/regulars/customer"
)

const retailHeader = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

// retailTime is how the invoices are dated.
const retailTime = "2006-01-02 15:04:05"

// Why lines of invoices are left out: the first of these that is true of them.
const (
	noCustomer = "no_customer"
	cancelled  = "cancelled" // the invoice begins with C; which one it cancels is not told
	noQuantity = "no_quantity"
	noPrice    = "no_price"
)

// readRetail reads the layout of Online Retail, one row per line of an invoice
// (RFC 4180), and makes one purchase of each invoice: made when its first line
// was, in the country as its source, of items whose SKUs are stock codes. What
// is no sale to somebody known is left out and counted.
//
// A line is its quantity times its price, which may have three decimals. An
// invoice is the sum of its lines, rounded half up to minor units once; what a
// line is rounded by goes over to the next, so that items add up to the invoice.
func readRetail(r io.Reader) (history, error) {
	in := csv.NewReader(r)
	columns, err := csvColumns(in, retailHeader, "Description")
	if err != nil {
		return history{}, err
	}
	b := retailBook{
		byID:    make(map[string]*invoice),
		leftOut: map[string]int{noCustomer: 0, cancelled: 0, noQuantity: 0, noPrice: 0},
	}
	err = eachRow(in, func(line int, fields []string) error {
		l := retailLine{
			invoice: fields[columns["InvoiceNo"]], sku: fields[columns["StockCode"]],
			quantity: fields[columns["Quantity"]], date: fields[columns["InvoiceDate"]], price: fields[columns["UnitPrice"]],
			customer: fields[columns["CustomerID"]], country: fields[columns["Country"]],
		}
		return b.add(line, &l)
	})
	if err != nil {
		return history{}, err
	}
	return b.history()
}

// retailLine is a line of an invoice, as it is written.
type retailLine struct{ invoice, sku, quantity, date, price, customer, country string }

// invoice is a purchase that is being put together.
type invoice struct {
	line     int // its first, of the log
	sum      int64
	purchase customer.Purchase
}

// retailBook holds what was read so far.
type retailBook struct {
	invoices []*invoice // in the order of the log
	byID     map[string]*invoice
	leftOut  map[string]int
}

// add enters a line, or leaves it out.
func (b *retailBook) add(line int, l *retailLine) error {
	switch {
	case l.customer == "":
		b.leftOut[noCustomer]++
		return nil
	case strings.HasPrefix(l.invoice, "C"):
		b.leftOut[cancelled]++
		return nil
	}
	quantity, err := parseCount(strings.TrimPrefix(l.quantity, "-"))
	if err != nil {
		return err
	}
	price, err := parsePrice(strings.TrimPrefix(l.price, "-"))
	if err != nil {
		return err
	}
	switch {
	case quantity == 0 || strings.HasPrefix(l.quantity, "-"):
		b.leftOut[noQuantity]++
		return nil
	case price == 0 || strings.HasPrefix(l.price, "-"):
		b.leftOut[noPrice]++
		return nil
	}
	i, err := b.invoice(line, l)
	if err != nil {
		return err
	}
	return i.add(unique.Make(l.sku).Value(), quantity, price)
}

// invoice returns the invoice that a line belongs to.
func (b *retailBook) invoice(line int, l *retailLine) (*invoice, error) {
	if i := b.byID[l.invoice]; i != nil {
		if i.purchase.Customer != l.customer {
			return nil, fmt.Errorf("invoice %.40q has two customers, %.40q and %.40q", l.invoice, i.purchase.Customer, l.customer)
		}
		return i, nil
	}
	at, err := time.Parse(retailTime, l.date)
	if err != nil {
		return nil, fmt.Errorf("date %.40q is no such as %s", l.date, retailTime)
	}
	i := &invoice{line: line, purchase: customer.Purchase{
		ID: strings.Clone(l.invoice), Customer: unique.Make(l.customer).Value(), At: at, Source: unique.Make(l.country).Value(),
	}}
	b.byID[i.purchase.ID] = i
	b.invoices = append(b.invoices, i)
	return i, nil
}

// add adds an item, whose price is in thousandths.
func (i *invoice) add(sku string, quantity, price int64) error {
	hi, lo := bits.Mul64(uint64(quantity), uint64(price))
	if hi != 0 || lo > math.MaxInt64-10 || i.sum > math.MaxInt64-10-int64(lo) {
		return fmt.Errorf("invoice %.40q is larger than can be counted", i.purchase.ID)
	}
	i.sum += int64(lo)
	before := i.purchase.Amount
	i.purchase.Amount = (i.sum + 5) / 10
	i.purchase.Items = append(i.purchase.Items, customer.Item{SKU: sku, Quantity: quantity, Amount: i.purchase.Amount - before})
	return nil
}

// history returns the purchases that the lines have made.
func (b *retailBook) history() (history, error) {
	h := history{leftOut: b.leftOut}
	for row, i := range b.invoices {
		e, err := newSale(i.line, row+1, i.purchase)
		if err != nil {
			return history{}, &lineError{i.line, err}
		}
		h.entries = append(h.entries, e)
	}
	return h, nil
}
