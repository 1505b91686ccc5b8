package postgres

import "sync"

// recent keeps packed records as they were loaded, because what is loaded is
// likely to be committed next, and a commit compares the record it replaces with
// the new one: so it need not read it again. Entries are told apart by version; a
// commit succeeds only where the version is still the stored one. The most recent
// are kept in two generations, of which the elder goes when the younger is full.
type recent struct {
	mu             sync.Mutex
	younger, elder map[string]packed
}

// packed is a record of some version.
type packed struct {
	version uint64
	record  string
}

const generation = 4096 // customers

func (r *recent) put(customer string, p packed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.younger == nil || len(r.younger) >= generation {
		r.younger, r.elder = make(map[string]packed), r.younger
	}
	r.younger[customer] = p
}

// take returns the record of the version, if it is there, and forgets it.
func (r *recent) take(customer string, version uint64) (record string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, g := range []map[string]packed{r.younger, r.elder} {
		if p, found := g[customer]; found {
			delete(g, customer)
			if p.version == version {
				return p.record, true
			}
		}
	}
	return "", false
}

// clear forgets everything: when a connection broke, the database may come back
// without its latest commits, and count versions anew.
func (r *recent) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.younger, r.elder = nil, nil
}
