package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/regulars-go/regulars/store"
)

const (
	selectDue  = `select id, customer, version, record from customers where due <= ? order by due limit ?`
	leaseWake  = `update customers set due = ? where id = ?`
	firstWake  = `select due from customers where due is not null order by due limit 1`
	firstReady = `select ready from deliveries where ready is not null order by ready limit 1`
)

// claimWakeUps leases the customers that are due: to lease a wake-up is to move
// it to the end of the lease, from where a commit moves it to the next. So
// nothing needs to be done when a lease runs out.
func (c *session) claimWakeUps(claim store.Claim) (loaded []store.Loaded, err error) {
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
		if err := c.exec(leaseWake, end, id); err != nil {
			return nil, err
		}
	}
	return loaded, nil
}

// nextDue looks where the indexes begin.
func (c *session) nextDue() (wakeUp, delivery time.Time, err error) {
	err = c.snapshot(func() error {
		var wake, ready sql.NullInt64
		if _, err := c.one(firstWake, nil, &wake); err != nil {
			return err
		}
		if _, err := c.one(firstReady, nil, &ready); err != nil {
			return err
		}
		wakeUp, delivery = optionalInstant(wake), optionalInstant(ready)
		return nil
	})
	return wakeUp, delivery, err
}
