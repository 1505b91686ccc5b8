package pack

import (
	"time"

	"github.com/regulars-go/regulars/customer"
)

// How many fields purchase and activity code; Kind.Last reads the first two.
const (
	purchaseFields = 7
	activityFields = 4
)

// whoAndWhen codes the two fields that every kind of item begins with, whom it
// is of and when it happened.
func whoAndWhen(f *fields, customerID *string, at *time.Time) {
	f.c.belongs(f, customerID)
	f.time(at)
}

// purchase codes all but the ID, which stands before it.
func purchase(c *coder, p *customer.Purchase) {
	f := c.fields(purchaseFields)
	whoAndWhen(&f, &p.Customer, &p.At)
	f.int64(&p.Amount)
	list(&f, &p.Items, item)
	f.name(&p.Source)
	f.time(&p.Next)
	list(&f, &p.Refunds, refund)
}

func item(c *coder, i *customer.Item) {
	f := c.fields(4)
	f.name(&i.SKU)
	f.name(&i.Category)
	f.int64(&i.Quantity)
	f.int64(&i.Amount)
}

func refund(c *coder, r *customer.Refund) {
	f := c.fields(6)
	f.text(&r.ID)
	c.belongs(&f, &r.Customer)
	f.text(&r.Purchase)
	f.time(&r.At)
	f.int64(&r.Amount)
	f.word(&r.Reason)
}

// activity codes all but the ID, which stands before it.
func activity(c *coder, a *customer.Activity) {
	f := c.fields(activityFields)
	whoAndWhen(&f, &a.Customer, &a.At)
	f.name(&a.Name)
	list(&f, (*[]customer.Field)(&a.Props), field)
}
