package segment

import (
	"slices"
	"strings"
	"time"
)

// Membership says that a customer is in a segment, and since when.
type Membership struct {
	Segment string
	Since   time.Time
}

// Find returns the place of the segment among memberships, which are ordered by
// segment, and whether it is there.
func Find(members []Membership, id string) (int, bool) {
	return slices.BinarySearchFunc(members, id, func(m Membership, id string) int {
		return strings.Compare(m.Segment, id)
	})
}
