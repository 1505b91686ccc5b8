package store

import "context"

// Notifying is what a [Store] may be besides, where other processes work on the
// same data: an engine's Run asks it for changes, so that it need not wait until it
// looks by itself, once a minute.
type Notifying interface {
	// Changes returns a channel of hints that something may be due: somebody, perhaps
	// the caller's own process, has committed. Hints may be late, lost or about
	// nothing; those not taken yet are one. The channel is closed some time after
	// ctx ended.
	Changes(ctx context.Context) <-chan struct{}
}
