package memory

import "github.com/google/btree"

// members are customers in the order of their IDs: one, or those of a tree, or
// none. They are read under the lock.
type members struct {
	one  *entry
	many *btree.BTreeG[*entry]
}

// len returns how many they are.
func (m members) len() int {
	switch {
	case m.many != nil:
		return m.many.Len()
	case m.one != nil:
		return 1
	}
	return 0
}

// ascend calls each with those whose IDs are greater than after, in order, until
// it returns false.
func (m members) ascend(after string, each func(*entry) bool) {
	switch {
	case m.many != nil:
		first := true
		m.many.AscendGreaterOrEqual(&entry{id: after}, func(e *entry) bool {
			is := first && e.id == after
			first = false
			return is || each(e)
		})
	case m.one != nil && m.one.id > after:
		each(m.one)
	}
}
