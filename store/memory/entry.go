package memory

import (
	"context"
	"math"
	"strings"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// entry is one customer.
type entry struct {
	id string
	state
	due        int64 // the key in wakeUps, in microseconds since 1970; never: not there
	purchases  history
	activities history
	timeline   history // in the order of commits, not of times
}

// state is what sequences show as of the instant at which they began. Either
// part is replaced, or changed where no sequence sees it; see versions.
type state struct {
	change  uint64 // that made it
	record  string // packed
	version uint64
	mail    *mailbox // nil: no deliveries
	older   *state   // what sequences that began before the change see
}

// never is the key of what is not due.
const never = math.MaxInt64

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
		return e.state.version
	}
	return 0
}

// unpack returns the record of a state, unless ctx is done.
func (v *state) unpack(ctx context.Context, r *pack.Reader, id string) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	rec, err := r.Record(id, v.record)
	if err != nil {
		return store.Record{}, corrupt(id, err)
	}
	rec.Version = v.version
	return rec, nil
}
