package segment

import "time"

// Sight is how far back predicates can see the activities of one name. Like a
// [Reach] it counts from the instant of evaluation.
type Sight struct {
	Activity string        // the name
	Back     time.Duration // activities at or after that instant minus this
	All      bool          // every one, whatever Back says
}

// Sees reports whether an activity of the name, at an instant, is seen from
// another.
func (s *Sight) Sees(at, from time.Time) bool { return s.All || !at.Before(from.Add(-s.Back)) }

// Widest returns a sight of the same name that covers both.
func (s Sight) Widest(t Sight) Sight {
	return Sight{s.Activity, max(s.Back, t.Back), s.All || t.All}
}
