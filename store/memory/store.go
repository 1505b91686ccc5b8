package memory

import (
	"sync"

	"github.com/google/btree"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// degree of the trees; 32 to 64 is where they are fastest.
const degree = 32

// Store is a [store.Store] in memory. It is safe for concurrent use; several
// engines of one process may share it.
type Store struct {
	mu sync.RWMutex // guards everything below

	names      *pack.Names  // may be read without the lock
	pen        *pack.Writer // for those who write
	eye        *pack.Reader // likewise; readers bring their own
	purchases  shelf[customer.Purchase]
	activities shelf[customer.Activity]

	entries  map[string]*entry
	byID     *btree.BTreeG[*entry]
	labels   labels
	withMail withMail
	wakeUps  *btree.BTreeG[wakeUp]
	queue    *btree.BTreeG[queued] // the deliveries that are next in their lanes
	turns    uint64                // that deliveries were given

	definitions map[string]string // documents by version
	cuts        []store.Cut       // by which activities were pruned
	pruned      map[*entry]int64  // when the last that was happened, of those who had any
}

var _ store.Store = (*Store)(nil)

// New returns an empty Store.
func New() *Store {
	names := pack.NewNames()
	pen, eye := pack.NewWriter(names), pack.NewReader(names)
	return &Store{
		names:      names,
		pen:        pen,
		eye:        eye,
		purchases:  newPurchases(pen, eye),
		activities: newActivities(pen, eye),
		entries:    make(map[string]*entry),
		byID:       btree.NewG(degree, beforeByID),
		labels:     newLabels(),
		wakeUps:    btree.NewG(degree, wakeUp.before),
		queue:      btree.NewG(degree, queued.before),
		withMail:   newWithMail(),

		definitions: make(map[string]string),
		pruned:      make(map[*entry]int64),
	}
}
