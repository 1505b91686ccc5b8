package row

import (
	"time"

	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/trigger"
)

// Delivery is a delivery as columns that people read, and the rest of it packed.
// What a column holds as it is, is not packed again.
type Delivery struct {
	ID, Trigger, Channel, To, Subject, Text, URL string

	Kind trigger.DeliveryKind
	At   time.Time
	Rest []byte // the cause, and texts that no column can hold
}

// NewDelivery returns the delivery of the customer as columns.
func NewDelivery(w *pack.Writer, owner string, d *trigger.Delivery) Delivery {
	rest := *d
	cut := func(s *string) string {
		readable := Text(*s)
		if readable == *s {
			*s = ""
		}
		return readable
	}
	out := Delivery{
		ID: cut(&rest.ID), Trigger: cut(&rest.Trigger), Channel: cut(&rest.Channel), To: cut(&rest.To),
		Subject: cut(&rest.Subject), Text: cut(&rest.Text), URL: cut(&rest.URL), Kind: d.Kind, At: d.At,
	}
	rest.Kind, rest.At = 0, time.Time{}
	out.Rest = append(out.Rest, w.Delivery(owner, &rest)...)
	return out
}

// Read returns the delivery as it was.
func (d *Delivery) Read(r *pack.Reader, owner string) (trigger.Delivery, error) {
	out, err := r.Delivery(owner, string(d.Rest))
	if err != nil {
		return out, err
	}
	paste := func(s *string, readable string) {
		if *s == "" {
			*s = readable
		}
	}
	paste(&out.ID, d.ID)
	paste(&out.Trigger, d.Trigger)
	paste(&out.Channel, d.Channel)
	paste(&out.To, d.To)
	paste(&out.Subject, d.Subject)
	paste(&out.Text, d.Text)
	paste(&out.URL, d.URL)
	out.Kind, out.At = d.Kind, d.At
	return out, nil
}
