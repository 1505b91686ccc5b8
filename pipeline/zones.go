package pipeline

import (
	"sync"
	"time"
)

// zones keeps the time zones that were looked up: time.LoadLocation reads a
// file each time. It is safe for concurrent use.
type zones struct{ known sync.Map }

// of returns the named zone; otherwise where the name is empty or, since the
// card was checked, no longer known to this machine.
func (z *zones) of(name string, otherwise *time.Location) *time.Location {
	if name == "" {
		return otherwise
	}
	if loc, ok := z.known.Load(name); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return otherwise
	}
	z.known.Store(name, loc)
	return loc
}
