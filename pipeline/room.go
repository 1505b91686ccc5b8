package pipeline

import "github.com/regulars-go/regulars/customer"

// room is where the events of many steps are gathered, so that a step does not
// cost an allocation of its own. What was handed out is never used again.
type room struct{ free []customer.Event }

const (
	roomSize = 256
	roomLeft = 8 // fewer than this and a new room is cheaper than growing
)

// begin returns an empty slice to append to.
func (r *room) begin() []customer.Event {
	if cap(r.free) < roomLeft {
		r.free = make([]customer.Event, 0, roomSize)
	}
	return r.free
}

// end takes back what is left behind the events that were appended.
func (r *room) end(events []customer.Event) []customer.Event {
	n := len(events)
	if n == 0 {
		return nil
	}
	if cap(events) == cap(r.free) { // else appending has moved them elsewhere
		r.free = events[n:n]
	}
	return events[:n:n]
}
