package document

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// nearest lists the known names, those most like the given one first.
func nearest(name string, known []string) string {
	if len(known) == 0 {
		return "none"
	}
	name = clip(name)
	type candidate struct {
		name string
		far  int
	}
	list := make([]candidate, len(known))
	for i, k := range known {
		list[i] = candidate{k, distance(name, k)}
		if name != "" && strings.HasPrefix(k, name) {
			list[i].far = 0
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(a.far, b.far) })
	quoted := make([]string, len(list))
	for i, c := range list {
		quoted[i] = strconv.Quote(c.name)
	}
	return strings.Join(quoted, ", ")
}

// distance returns how many bytes must be put in, taken out or replaced to make
// one name of the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
