package pack

import (
	"strings"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// Record packs a record and returns how many of the bytes are its head: another
// record that begins with them is found by the same look-ups. The bytes are the
// Writer's, until it packs again. The ID and the version are not among them.
func (w *Writer) Record(r *store.Record) (packed []byte, headLen int) {
	c := w.begin(r.Customer.ID)
	head(c, r)
	headLen = len(c.out)
	rest(c, r)
	return c.out, headLen
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

// Head unpacks what customers are looked up by, all else is zero. Of a record
// that is not there, packed as "", it is nothing. The record is the Reader's,
// until it unpacks another head.
func (r *Reader) Head(customerID, packed string) *store.Record {
	rec := &r.head
	rec.Cycles, rec.Segments, rec.Customer = rec.Cycles[:0], rec.Segments[:0], customer.Customer{}
	if packed != "" {
		head(r.begin(customerID, packed), rec)
	}
	return rec
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
