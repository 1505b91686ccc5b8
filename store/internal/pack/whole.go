package pack

import (
	"strings"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// Record packs a record. The bytes are the Writer's, until it packs again; head
// is how many of them say what the customer is looked up by: a record that begins
// with the same is found by the same look-ups. The ID and the version are not
// among them.
func (w *Writer) Record(r *store.Record) (packed []byte, headLen int) {
	c := w.begin(r.Customer.ID)
	head(c, r)
	headLen = len(c.out)
	rest(c, r)
	return c.out, headLen
}

// Record unpacks the record of the customer into rec: every field but the
// version. It uses the lists again that rec has.
func (r *Reader) Record(customerID, packed string, rec *store.Record) error {
	c := r.begin(customerID, packed)
	rec.Customer.ID = customerID
	head(c, rec)
	rest(c, rec)
	return c.err()
}

// Name returns the name as the table keeps it, so that it is in memory once.
func (w *Writer) Name(name string) string {
	if i, ok := w.c.names.add(name); ok {
		return w.c.names.table()[i]
	}
	return strings.Clone(name)
}

// Delivery packs a delivery of the customer. The bytes are the Writer's, until
// it packs again.
func (w *Writer) Delivery(customerID string, d *trigger.Delivery) []byte {
	c := w.begin(customerID)
	delivery(c, d)
	return c.out
}

// Delivery unpacks a delivery of the customer.
func (r *Reader) Delivery(customerID, packed string) (trigger.Delivery, error) {
	c := r.begin(customerID, packed)
	var d trigger.Delivery
	delivery(c, &d)
	return d, c.err()
}
