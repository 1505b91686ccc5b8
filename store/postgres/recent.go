package postgres

import (
	"slices"
	"sync"

	"github.com/regulars-go/regulars/customer"
)

// recent keeps packed records as they were loaded, because what is loaded is
// likely to be committed next, and a commit compares the record it replaces with
// the new one: so it need not read it again. Entries are told apart by version; a
// commit succeeds only where the version is still the stored one. The most recent
// are kept in two generations, of which the elder goes when the younger is full.
type recent struct {
	mu             sync.Mutex
	younger, elder map[string]packed
}

// packed is a record of some version, and what was found out about the purchases
// that were asked for along with it.
type packed struct {
	version uint64
	record  string
	asked   []string            // their IDs
	found   []customer.Purchase // those there were
}

// lacks reports whether the purchase is known to be new.
func (p *packed) lacks(x *customer.Purchase) bool {
	return slices.Contains(p.asked, x.ID) &&
		!slices.ContainsFunc(p.found, func(y customer.Purchase) bool { return y.ID == x.ID })
}

const generation = 4096 // customers

func (r *recent) put(id string, p packed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.younger == nil || len(r.younger) >= generation {
		r.younger, r.elder = make(map[string]packed), r.younger
	}
	r.younger[id] = p
}

// take returns the record of the version, if it is there, and forgets it.
func (r *recent) take(id string, version uint64) (p packed, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, g := range []map[string]packed{r.younger, r.elder} {
		if p, found := g[id]; found {
			delete(g, id)
			return p, p.version == version
		}
	}
	return packed{}, false
}

// clear forgets everything: when a connection broke, the database may come back
// without its latest commits, and count versions anew.
func (r *recent) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.younger, r.elder = nil, nil
}
