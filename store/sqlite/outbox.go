package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/row"
	"github.com/regulars-go/regulars/trigger"
)

// A delivery that waits is ready where none waits before it in its lane. So what
// can be claimed is where the index of ready begins, however much waits behind a
// delivery that fails again and again. Whatever changes a lane sees to it.
const (
	lastTurn = `select coalesce(max(turn), 0) from deliveries`

	insertDelivery = `insert into deliveries (turn, seq, customer, id, trigger, kind, channel, recipient, subject, text, url, at,
		state, attempts, due, ready, error, rest)
		values (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, ?11,
		case when exists (select 1 from deliveries where customer = ?2 and state = 0 and channel = ?6) then null else ?11 end, '', ?12)`

	columns = `turn, seq, customer, id, trigger, kind, channel, recipient, subject, text, url, at, state, attempts, due, error, rest`

	selectReady   = `select ` + columns + ` from deliveries where ready <= ? order by ready, turn limit ?`
	leaseDelivery = `update deliveries set attempts = attempts + 1, due = ?1, ready = ?1 where turn = ?2`

	selectWaiting = `select turn, attempts, channel, ready from deliveries where customer = ? and state = 0 and id = ? order by seq limit 1`
	settleWaiting = `update deliveries set due = ?1, ready = iif(ready is null, null, ?1), error = ?2 where turn = ?3`
	settleSent    = `update deliveries set state = 1, due = ?, ready = null where turn = ?`
	settleDead    = `update deliveries set state = 2, due = ?, ready = null, error = ? where turn = ?`
	promote       = `update deliveries set ready = due where turn =
		(select min(turn) from deliveries where customer = ?1 and state = 0 and channel = ?2)`

	selectDead = `select turn from deliveries where customer = ? and state = 2 and id = ? order by seq limit 1`
	revive     = `update deliveries set turn = ?1, state = 0, attempts = 0, due = ?2, ready =
		case when exists (select 1 from deliveries w where w.customer = deliveries.customer and w.state = 0
		and w.channel = deliveries.channel) then null else ?2 end where turn = ?3`
)

// nextTurn returns a turn behind all there are. That of a delivery which was pruned
// may come again: whoever holds one has read it in the same transaction.
func (c *session) nextTurn() (int64, error) {
	if c.turn == 0 {
		if _, err := c.one(lastTurn, nil, &c.turn); err != nil {
			return 0, err
		}
	}
	c.turn++
	return c.turn, nil
}

// post puts deliveries at the end of the customer's outbox.
func (c *session) post(owner string, deliveries []trigger.Delivery) error {
	for i := range deliveries {
		turn, err := c.nextTurn()
		if err != nil {
			return err
		}
		d := row.NewDelivery(c.pen, owner, &deliveries[i])
		if err := c.exec(insertDelivery, turn, owner, d.ID, d.Trigger, int(d.Kind), d.Channel, d.To, d.Subject, d.Text, d.URL,
			d.At.UnixMicro(), d.Rest); err != nil {
			return err
		}
	}
	return nil
}

// parcel is a delivery with its places.
type parcel struct {
	store.Outgoing
	turn, seq int64
	owner     string
}

// parcel reads a row of columns.
func (c *session) parcel(scan func(...any) error) (p parcel, err error) {
	var d row.Delivery
	var at, due int64
	if err := scan(&p.turn, &p.seq, &p.owner, &d.ID, &d.Trigger, &d.Kind, &d.Channel, &d.To, &d.Subject, &d.Text, &d.URL,
		&at, &p.State, &p.Attempts, &due, &p.Error, &d.Rest); err != nil {
		return p, err
	}
	d.At, p.Due = instant(at), instant(due)
	p.Delivery, err = d.Read(c.eye, p.owner)
	return p, corrupt(p.owner, err)
}

// claimDeliveries leases the deliveries that are ready.
func (c *session) claimDeliveries(claim store.Claim) (out []store.Outgoing, err error) {
	var turns []int64
	end := claim.Now.Add(claim.Lease)
	err = c.all(context.Background(), selectReady, []any{claim.Now.UnixMicro(), claim.Limit}, func(scan func(...any) error) error {
		p, err := c.parcel(scan)
		p.Attempts, p.Due = p.Attempts+1, end
		turns, out = append(turns, p.turn), append(out, p.Outgoing)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, turn := range turns {
		if err := c.exec(leaseDelivery, end.UnixMicro(), turn); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *session) settleAll(outcomes []store.Outcome) error {
	for i := range outcomes {
		if err := c.settle(&outcomes[i]); err != nil {
			return err
		}
	}
	return nil
}

// settle records one outcome, and its event only if the outcome counts.
func (c *session) settle(o *store.Outcome) error {
	var turn int64
	var attempts int
	var channel string
	var ready sql.NullInt64
	waits, err := c.one(selectWaiting, []any{o.Customer, row.Text(o.Delivery)}, &turn, &attempts, &channel, &ready)
	if err != nil || !waits || (o.State != store.Sent && o.Attempt != attempts) {
		return err
	}
	due := o.Due.UnixMicro()
	switch o.State {
	case store.Waiting:
		err = c.exec(settleWaiting, due, o.Error, turn)
	case store.Sent:
		err = c.exec(settleSent, due, turn)
	case store.Dead:
		err = c.exec(settleDead, due, o.Error, turn)
	}
	if err == nil && o.State != store.Waiting && ready.Valid {
		err = c.exec(promote, o.Customer, channel)
	}
	if err == nil && o.Event.Kind != customer.NoEvent {
		err = c.note(o.Customer, []customer.Event{o.Event})
	}
	return err
}

// redrive makes dead deliveries wait again, at the end of their lanes.
func (c *session) redrive(now time.Time, refs []store.DeliveryRef) error {
	turns := make(map[int64]bool, len(refs))
	var order []int64
	for _, ref := range refs {
		var turn int64
		dead, err := c.one(selectDead, []any{ref.Customer, row.Text(ref.ID)}, &turn)
		if err != nil {
			return err
		}
		if !dead {
			return fmt.Errorf("delivery %s of customer %s: %w among the dead", ref.ID, ref.Customer, store.ErrUnknown)
		}
		if !turns[turn] { // else it is named twice
			turns[turn], order = true, append(order, turn)
		}
	}
	for _, turn := range order {
		next, err := c.nextTurn()
		if err != nil {
			return err
		}
		if err := c.exec(revive, next, now.UnixMicro(), turn); err != nil {
			return err
		}
	}
	return nil
}
