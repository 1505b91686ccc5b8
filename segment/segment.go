package segment

import "github.com/regulars-go/regulars/customer"

// Segment is a named, dynamic set of customers.
type Segment struct {
	ID    string    `json:"id" doc:"what the segment is referred to by"`
	Name  string    `json:"name,omitzero" doc:"for people; absent: the ID"`
	Enter Predicate `json:"enter" doc:"who is let in"`
	// Exit, where it is not nil, says who leaves, so that the way out may lie
	// elsewhere than the way in (hysteresis): a customer enters when Enter is
	// true and Exit is not, and stays until Exit is true. With a nil Exit a
	// customer leaves when Enter is no longer true.
	Exit Predicate `json:"exit,omitzero" doc:"who leaves; absent: whoever enter is no longer true of"`
	// Stay is how long a customer stays at least, whatever happens meanwhile,
	// counted from the entry on the customer's calendar. Whoever should have left
	// by then leaves at that instant. Zero: no time at all.
	Stay customer.Period `json:"stay,omitzero" doc:"how long a customer stays at least"`
}

// MarshalJSON writes the segment as it stands in a document of definitions.
func (s Segment) MarshalJSON() ([]byte, error) { return language.Encode(s) }

// UnmarshalJSON reads what [Segment.MarshalJSON] writes, as strictly as
// [ParsePredicate] does.
func (s *Segment) UnmarshalJSON(data []byte) error { return language.Unmarshal(data, s) }
