package pack

import (
	"strings"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// Record packs a record and returns its labels, which need a table of names.
// Those of the record that it replaces, if any, make it faster. Bytes and labels
// are the Writer's, until it packs again.
func (w *Writer) Record(r *store.Record, replaced []Label) (packed []byte, labels []Label) {
	c := w.begin(r.Customer.ID)
	c.known, c.hints, c.labelling = c.names.table(), replaced, c.names != nil
	head(c, r)
	rest(c, r)
	return c.out, c.labels
}

// Record unpacks the record of the customer.
func (r *Reader) Record(customerID, packed string) (store.Record, error) {
	c := r.begin(customerID, packed)
	var rec store.Record
	rec.Customer.ID = customerID
	head(c, &rec)
	rest(c, &rec)
	return rec, c.err()
}

// Name returns the name as the table keeps it, so that it is in memory once.
func (w *Writer) Name(name string) string {
	if i, ok := w.c.names.add(name); ok {
		return w.c.names.table()[i]
	}
	return strings.Clone(name)
}

// Labels returns those of a record: none where it is not there, packed as "".
// They are the Reader's, until it is asked for others.
func (r *Reader) Labels(customerID, packed string) []Label {
	if packed == "" {
		return nil
	}
	c := r.begin(customerID, packed)
	c.labelling = true
	rec := &r.head
	rec.Cycles, rec.Segments, rec.Customer = rec.Cycles[:0], rec.Segments[:0], customer.Customer{}
	head(c, rec)
	return c.labels
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
