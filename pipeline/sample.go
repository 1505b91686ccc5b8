package pipeline

import (
	"cmp"
	"slices"
	"strings"
)

// sample draws some IDs of many, each with the same chance and always the same:
// those with the lowest lots.
type sample struct {
	size  int
	drawn []ticket // in order
}

// ticket is an ID with its lot.
type ticket struct {
	lot uint64
	id  string
}

func (t ticket) compare(u ticket) int {
	return cmp.Or(cmp.Compare(t.lot, u.lot), cmp.Compare(t.id, u.id))
}

// take lets an ID take part. It keeps a copy of one that is drawn.
func (s *sample) take(id string) {
	t := ticket{lotOf(id), id}
	full := len(s.drawn) == s.size
	if full && t.compare(s.drawn[s.size-1]) > 0 {
		return
	}
	t.id = strings.Clone(id)
	if full {
		s.drawn = s.drawn[:s.size-1]
	}
	i, _ := slices.BinarySearchFunc(s.drawn, t, ticket.compare)
	s.drawn = slices.Insert(s.drawn, i, t)
}

// ids returns the IDs that were drawn, in order.
func (s *sample) ids() []string {
	ids := make([]string, len(s.drawn))
	for i, t := range s.drawn {
		ids[i] = t.id
	}
	slices.Sort(ids)
	return ids
}

// lotOf returns a hash of the ID: FNV-1a, whose bits are then mixed, because it
// gives IDs that differ in their last letters neighbouring lots.
func lotOf(id string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
