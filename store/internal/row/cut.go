package row

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// sight is a segment.Sight as JSON.
type sight struct {
	Activity string `json:"activity"`
	Back     int64  `json:"back,omitempty"` // nanoseconds
	All      bool   `json:"all,omitempty"`
}

// Keep returns what a cut keeps as JSON, the same for all that keep the same.
func Keep(keep []segment.Sight) string {
	list := make([]sight, len(keep))
	for i, s := range keep {
		list[i] = sight{s.Activity, int64(s.Back), s.All}
	}
	text, _ := json.Marshal(list) // which has no value that could fail
	return string(text)
}

// Cut reads what Keep has written.
func Cut(before time.Time, keep string) (store.Cut, error) {
	var list []sight
	if err := json.Unmarshal([]byte(keep), &list); err != nil {
		return store.Cut{}, fmt.Errorf("%w: %v", pack.ErrCorrupt, err)
	}
	c := store.Cut{Before: before}
	for _, s := range list {
		c.Keep = append(c.Keep, segment.Sight{Activity: s.Activity, Back: time.Duration(s.Back), All: s.All})
	}
	return c, nil
}

// MaxPruned is how much a call of Prune removes before it leaves the rest to the
// next: what takes some tens of milliseconds.
const MaxPruned = 1024
