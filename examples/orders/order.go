package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// order is what a customer asks for. Its ID is chosen by whoever sends it, and is
// what makes it safe to send again.
type order struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Items    []item `json:"items"`
}

type item struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// placed is an order with what it costs.
type placed struct {
	ID       string    `json:"id"`
	Customer string    `json:"customer"`
	PlacedAt time.Time `json:"placed_at"`
	Items    []line    `json:"items"`
	Total    int64     `json:"total"` // cents
}

// line is an item with what it costs.
type line struct {
	item
	Amount   int64  `json:"amount"`
	category string // only while it is placed
}

// plainID is what orders, customers and products may be called: it goes into an
// address and a log as it is.
var plainID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

const notPlainID = "%s: %.80q is no ID; use up to 64 letters, digits, dots, dashes and underscores"

const (
	maxItems    = 100
	maxQuantity = 1000
)

// check returns everything that is wrong with the order, and puts its items in the
// order of their SKUs.
func (o *order) check() error {
	var f faults
	if !plainID.MatchString(o.ID) {
		f.add(notPlainID, "id", o.ID)
	}
	if !plainID.MatchString(o.Customer) {
		f.add(notPlainID, "customer", o.Customer)
	}
	if len(o.Items) == 0 || len(o.Items) > maxItems {
		f.add("items: there are %d; an order has from 1 to %d", len(o.Items), maxItems)
	}
	seen := make(map[string]bool)
	for i, it := range o.Items {
		if !plainID.MatchString(it.SKU) {
			f.add(notPlainID, fmt.Sprintf("items[%d].sku", i), it.SKU)
		} else if seen[it.SKU] {
			f.add("items[%d].sku: %q is there twice; add the quantities up", i, it.SKU)
		}
		seen[it.SKU] = true
		if it.Quantity < 1 || it.Quantity > maxQuantity {
			f.add("items[%d].quantity: %d is not from 1 to %d", i, it.Quantity, maxQuantity)
		}
	}
	slices.SortFunc(o.Items, func(a, b item) int { return cmp.Compare(a.SKU, b.SKU) })
	return f.err()
}

// differs names the first field in which an order is not the one that was placed;
// empty: it is the same.
func (o *order) differs(p *placed) string {
	switch {
	case o.Customer != p.Customer:
		return "customer"
	case !slices.EqualFunc(o.Items, p.Items, func(a item, b line) bool { return a == b.item }):
		return "items"
	}
	return ""
}

// purchase returns what the order is to the engine.
func (p *placed) purchase() customer.Purchase {
	bought := customer.Purchase{ID: p.ID, Customer: p.Customer, At: p.PlacedAt, Amount: p.Total, Source: "web"}
	for _, l := range p.Items {
		bought.Items = append(bought.Items, customer.Item{SKU: l.SKU, Category: l.category, Quantity: l.Quantity, Amount: l.Amount})
	}
	return bought
}
