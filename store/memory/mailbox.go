package memory

import (
	"slices"
	"strings"

	"github.com/google/btree"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/trigger"
)

// mailbox is the outbox of one customer, in the order of commits. Sent and dead
// deliveries stay, to be listed. A customer has few enough that looking through
// them all beats any index; a thousand take microseconds.
//
// The waiting deliveries over one channel are a lane, of which only the next, the
// one with the lowest turn, stands in Store.queue: that the others wait for it
// needs no further care.
type mailbox struct {
	parcels []parcel
	states  uint8 // a bit for each state that there are deliveries in
}

// parcel is a delivery with what has become of it. What it is looked up by is
// unpacked; the rest never changes.
type parcel struct {
	id, channel string
	packed      string // the trigger.Delivery
	state       store.DeliveryState
	kind        trigger.DeliveryKind
	attempts    int
	turn        uint64 // its place in its lane, and among all that are due at one instant
	due         int64  // when it can be claimed, or when it was settled
	failure     string // of the latest failed attempt
}

// queued is the key of a delivery that is the next of its lane. To lease one is,
// as with wake-ups, to move it to the end of the lease.
type queued struct {
	due  int64
	turn uint64
	e    *entry
}

// before orders by time and, within an instant, as the deliveries were committed
// or redriven.
func (q queued) before(r queued) bool {
	if q.due != r.due {
		return q.due < r.due
	}
	return q.turn < r.turn
}

// find returns the delivery that has the ID, or nil.
func (m *mailbox) find(id string) *parcel {
	if m == nil {
		return nil
	}
	i := slices.IndexFunc(m.parcels, func(p parcel) bool { return p.id == id })
	if i < 0 {
		return nil
	}
	return &m.parcels[i]
}

// turn returns the delivery that has the turn.
func (m *mailbox) turn(turn uint64) *parcel {
	return &m.parcels[slices.IndexFunc(m.parcels, func(p parcel) bool { return p.turn == turn })]
}

// next returns the delivery that waits at the head of the lane, or nil.
func (m *mailbox) next(channel string) *parcel {
	var next *parcel
	for i := range m.parcels {
		p := &m.parcels[i]
		if p.state == store.Waiting && p.channel == channel && (next == nil || p.turn < next.turn) {
			next = p
		}
	}
	return next
}

// count brings the states up to date and returns those that came or went.
func (m *mailbox) count() (changed uint8) {
	was := m.states
	m.states = 0
	for i := range m.parcels {
		m.states |= 1 << m.parcels[i].state
	}
	return was ^ m.states
}

// post puts deliveries at the end of the customer's outbox, and so behind what
// waits in their lanes.
func (s *Store) post(e *entry, deliveries []trigger.Delivery) {
	if len(deliveries) == 0 {
		return
	}
	if e.mail == nil {
		e.mail = new(mailbox)
	}
	for i := range deliveries {
		d := &deliveries[i]
		s.changeLane(e, d.Channel, func() {
			e.mail.parcels = append(e.mail.parcels, parcel{
				id:      strings.Clone(d.ID),
				channel: s.pen.Name(d.Channel),
				packed:  string(s.pen.Delivery(e.id, d)),
				kind:    d.Kind,
				turn:    s.turn(),
				due:     d.At.UnixMicro(),
			})
		})
	}
}

// turn returns the next turn; they count up for good.
func (s *Store) turn() uint64 {
	s.turns++
	return s.turns
}

// changeLane lets change do something to the deliveries of one channel and
// keeps the queue and the index in line: before, it takes out of the queue the
// one that is next in that lane, and afterwards it puts in the one that is then.
// All that happens to deliveries goes through here.
func (s *Store) changeLane(e *entry, channel string, change func()) {
	if p := e.mail.next(channel); p != nil {
		s.queue.Delete(queued{p.due, p.turn, e})
	}
	change()
	if p := e.mail.next(channel); p != nil {
		s.queue.ReplaceOrInsert(queued{p.due, p.turn, e})
	}
	s.withMail.update(e)
}

// withMail finds the customers who have deliveries.
type withMail struct {
	any *btree.BTreeG[*entry]
	in  [store.Dead + 1]*btree.BTreeG[*entry] // some in that state
}

// newWithMail returns the index of a store without deliveries.
func newWithMail() (w withMail) {
	free := btree.NewFreeListG[*entry](btree.DefaultFreeListSize)
	w.any = btree.NewWithFreeListG(degree, beforeByID, free)
	for state := range w.in {
		w.in[state] = btree.NewWithFreeListG(degree, beforeByID, free)
	}
	return w
}

// update brings itself in line with the customer's deliveries, of which there is
// one at least. It touches the trees only where the customer enters or leaves one.
func (w *withMail) update(e *entry) {
	had := e.mail.states
	changed := e.mail.count()
	if had == 0 {
		w.any.ReplaceOrInsert(e)
	}
	for state, tree := range w.in {
		switch bit := uint8(1) << state; {
		case changed&bit == 0:
		case had&bit == 0:
			tree.ReplaceOrInsert(e)
		default:
			tree.Delete(e)
		}
	}
}

// unpack returns the delivery as it stands.
func (p *parcel) unpack(r *pack.Reader, owner string) (store.Outgoing, error) {
	d, err := r.Delivery(owner, p.packed)
	if err != nil {
		return store.Outgoing{}, corrupt(owner, err)
	}
	return store.Outgoing{
		Delivery: d, State: p.state, Attempts: p.attempts, Due: instant(p.due), Error: p.failure,
	}, nil
}
