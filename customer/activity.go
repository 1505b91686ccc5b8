package customer

import (
	"slices"
	"time"
)

// Activity is anything else the customer did, named and timed: "page_view",
// "cart_add", "email_open", "message_in", "review".
type Activity struct {
	ID       string // the idempotency key, unique per customer
	Customer string
	At       time.Time
	Name     string
	Props    Fields
}

// CustomerID returns who did it.
func (a Activity) CustomerID() string { return a.Customer }

func (a Activity) input() {}

// Validate names every faulty field. Every error matches [ErrInvalid].
func (a Activity) Validate() error {
	k := checker{what: "activity", id: a.ID}
	k.identifies("ID", a.ID)
	k.identifies("Customer", a.Customer)
	k.identifies("Name", a.Name)
	k.instant("At", a.At)
	a.Props.check(&k, "Props")
	return k.err()
}

// Normal returns a as it is stored: its time in UTC to the microsecond, its
// properties in order, sharing nothing with a.
func (a Activity) Normal() Activity {
	a.At = Stored(a.At)
	a.Props = slices.Clone(a.Props).sorted()
	return a
}

// Differs names the first field in which two normal activities differ; empty:
// they are the same.
func (a *Activity) Differs(b *Activity) string {
	switch {
	case a.ID != b.ID:
		return "ID"
	case a.Customer != b.Customer:
		return "Customer"
	case !a.At.Equal(b.At):
		return "At"
	case a.Name != b.Name:
		return "Name"
	case !slices.Equal(a.Props, b.Props):
		return "Props"
	}
	return ""
}

// Compare orders activities by time, and those of one instant by ID.
func (a *Activity) Compare(b *Activity) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	switch {
	case a.ID < b.ID:
		return -1
	case a.ID > b.ID:
		return 1
	}
	return 0
}
