package memory

import (
	"math"
	"strings"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// entry is one customer. Its fields change under the lock of the store; the
// strings among them, which hold nearly everything, are never changed but
// replaced, so that a reader who has copied them needs the lock no more.
type entry struct {
	id         string
	record     string // packed; "" until the first commit
	version    uint64
	due        int64 // the key in wakeUps, in microseconds since 1970; never: not there
	purchases  history
	activities history
	timeline   history  // in the order of commits, not of times
	mail       *mailbox // nil: no deliveries, which most customers never have
}

// never is the key of what is not due.
const never = math.MaxInt64

// beforeByID is the order of all trees of entries, which is that in which
// sequences yield.
func beforeByID(a, b *entry) bool { return a.id < b.id }

// entry returns the customer's entry, which it makes if need be.
func (s *Store) entry(id string) *entry {
	if e, ok := s.entries[id]; ok {
		return e
	}
	id = strings.Clone(id) // it may be part of something large
	e := &entry{id: id, due: never}
	s.entries[id] = e
	s.byID.ReplaceOrInsert(e)
	return e
}

// version returns the version of the customer's record; 0 where there is none.
func (s *Store) version(id string) uint64 {
	if e, ok := s.entries[id]; ok {
		return e.version
	}
	return 0
}

// packedRecord is a record as it stood when the lock was held.
type packedRecord struct {
	id      string
	packed  string
	version uint64
}

// packed returns the record to unpack when the lock was given back.
func (e *entry) packed() packedRecord { return packedRecord{e.id, e.record, e.version} }

// unpack fills in the record; one that was never committed has only an ID.
func (p *packedRecord) unpack(r *pack.Reader, rec *store.Record) error {
	if p.version == 0 {
		*rec = store.Record{Customer: customer.Customer{ID: p.id}}
		return nil
	}
	if err := r.Record(p.id, p.packed, rec); err != nil {
		*rec = store.Record{}
		return corrupt(p.id, err)
	}
	rec.Version = p.version
	return nil
}
