package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/regulars-go/regulars/store"
)

// A wake-up that is leased is in leases, where the few of them are together: the
// customer's own row and the index of what is due stay as they are. Only where a
// lease runs out does its end take the place of what was due.
const (
	anyWake = `select 1 from customers where due <= ?1 and id not in (select id from leases)
		union all select 1 from leases where until <= ?1 limit 1`
	selectDue = `select id, customer, version, record from customers where due <= ? and id not in (select id from leases)
		order by due limit ?`
	leaseWake = `insert into leases (id, until) values (?, ?)`
	dropLease = `delete from leases where id = ?`

	restoreDue = `update customers set due = (select until from leases l where l.id = customers.id)
		where id in (select id from leases where until <= ?)`
	dropLeases = `delete from leases where until <= ?`

	// In one statement, and so of one instant: where the indexes begin.
	firstDue = `select (select due from customers where due is not null and id not in (select id from leases) order by due limit 1),
		(select until from leases order by until limit 1),
		(select ready from deliveries where ready is not null order by ready limit 1)`
)

// claimWakeUps leases the customers that are due.
func (c *session) claimWakeUps(claim store.Claim) (loaded []store.Loaded, err error) {
	if err := c.endLeases(claim.Now); err != nil {
		return nil, err
	}
	var ids []int64
	err = c.all(context.Background(), selectDue, []any{claim.Now.UnixMicro(), claim.Limit}, func(scan func(...any) error) error {
		var id, version int64
		var customer, packed string
		if err := scan(&id, &customer, &version, &packed); err != nil {
			return err
		}
		rec, err := c.unpack(customer, version, packed)
		ids, loaded = append(ids, id), append(loaded, store.Loaded{Record: rec})
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range loaded {
		if err := c.loadHistory(claim.Reach, &loaded[i]); err != nil {
			return nil, err
		}
	}
	end := claim.Now.Add(claim.Lease).UnixMicro()
	for _, id := range ids {
		if err := c.exec(leaseWake, id, end); err != nil {
			return nil, err
		}
	}
	return loaded, nil
}

// endLeases ends those that have run out.
func (c *session) endLeases(now time.Time) error {
	if err := c.exec(restoreDue, now.UnixMicro()); err != nil {
		return err
	}
	return c.exec(dropLeases, now.UnixMicro())
}

// nextDue looks what comes first.
func (c *session) nextDue() (wakeUp, delivery time.Time, err error) {
	var wake, end, ready sql.NullInt64
	if _, err := c.one(firstDue, nil, &wake, &end, &ready); err != nil {
		return time.Time{}, time.Time{}, err
	}
	if end.Valid && (!wake.Valid || end.Int64 < wake.Int64) {
		wake = end
	}
	return optionalInstant(wake), optionalInstant(ready), nil
}
