package postgres

import (
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/store/internal/row"
	"github.com/regulars-go/regulars/trigger"
)

// The rows of one table, column by column, as unnest takes them: one statement
// writes them all, however many they are.

type recordColumns struct {
	customer    texts
	version     []int64 // as it is expected to be
	asOf        instants
	definitions texts
	record      blobs
}

func (c *recordColumns) add(r *store.Record, packed []byte) {
	c.customer = append(c.customer, r.Customer.ID)
	c.version = append(c.version, int64(r.Version))
	c.asOf = append(c.asOf, instant(r.AsOf))
	c.definitions = append(c.definitions, row.Text(r.Definitions))
	c.record = append(c.record, packed)
}

func (c *recordColumns) args() []any {
	return []any{c.customer, c.version, c.asOf, c.definitions, c.record}
}

type wakeColumns struct {
	customer texts
	due      instants
}

func (c *wakeColumns) add(id string, due time.Time) {
	c.customer, c.due = append(c.customer, id), append(c.due, instant(due))
}

func (c *wakeColumns) args() []any { return []any{c.customer, c.due} }

type cardColumns struct {
	customer, name, emails, phones, source, manager, tags, zone, locale texts

	since instants
}

func (c *cardColumns) add(card *customer.Customer) {
	c.customer = append(c.customer, card.ID)
	c.name = append(c.name, row.Text(card.Name))
	c.emails = append(c.emails, row.Texts(card.Emails))
	c.phones = append(c.phones, row.Texts(card.Phones))
	c.source = append(c.source, row.Text(card.Source))
	c.manager = append(c.manager, row.Text(card.Manager))
	c.tags = append(c.tags, row.Texts(card.Tags))
	c.zone = append(c.zone, row.Text(card.Zone))
	c.locale = append(c.locale, row.Text(card.Locale))
	c.since = append(c.since, instant(card.Since))
}

func (c *cardColumns) args() []any {
	return []any{c.customer, c.name, c.emails, c.phones, c.source, c.manager, c.tags, c.zone, c.locale, c.since}
}

type cycleColumns struct {
	customer, pipeline, stage, closed, purchase texts

	number        []int32
	entered, next instants
}

func (c *cycleColumns) add(id string, y *customer.Cycle) {
	c.customer = append(c.customer, id)
	c.pipeline = append(c.pipeline, row.Value(y.Pipeline))
	c.number = append(c.number, int32(y.Number))
	c.stage = append(c.stage, row.Value(y.Stage))
	c.entered = append(c.entered, instant(y.Entered))
	c.next = append(c.next, instant(y.Next))
	c.closed = append(c.closed, row.Text(y.Closed))
	c.purchase = append(c.purchase, row.Text(y.Purchase))
}

func (c *cycleColumns) args() []any {
	return []any{c.customer, c.pipeline, c.number, c.stage, c.entered, c.next, c.closed, c.purchase}
}

type lookupColumns struct {
	keyColumns
	since instants
}

func (c *lookupColumns) add(id string, l row.Lookup) {
	c.keyColumns.add(id, l.Kind, l.Value)
	c.since = append(c.since, instant(l.Since))
}

func (c *lookupColumns) args() []any { return []any{c.customer, c.kind, c.value, c.since} }

// keyColumns are rows to be deleted.
type keyColumns struct{ customer, kind, value texts }

func (c *keyColumns) add(id, kind, value string) {
	c.customer = append(c.customer, id)
	c.kind = append(c.kind, kind)
	c.value = append(c.value, value)
}

type purchaseColumns struct {
	customer, id, source texts

	at          instants
	amount, net []int64
	data        blobs
}

func (c *purchaseColumns) add(w *pack.Writer, owner string, p *customer.Purchase) {
	c.customer = append(c.customer, owner)
	c.at = append(c.at, at(p.At))
	c.id = append(c.id, p.ID)
	c.amount = append(c.amount, p.Amount)
	c.net = append(c.net, p.Net())
	c.source = append(c.source, row.Text(p.Source))
	c.data = append(c.data, []byte(pack.Purchases.Append(w, owner, "", p)))
}

func (c *purchaseColumns) args() []any {
	return []any{c.customer, c.at, c.id, c.amount, c.net, c.source, c.data}
}

type activityColumns struct {
	customer, id, name texts

	at   instants
	data blobs
}

func (c *activityColumns) add(w *pack.Writer, owner string, a *customer.Activity) {
	c.customer = append(c.customer, owner)
	c.at = append(c.at, at(a.At))
	c.id = append(c.id, a.ID)
	c.name = append(c.name, row.Text(a.Name))
	c.data = append(c.data, []byte(pack.Activities.Append(w, owner, "", a)))
}

func (c *activityColumns) args() []any { return []any{c.customer, c.at, c.id, c.name, c.data} }

type timelineColumns struct {
	customer texts
	seq      []int64
	events   []string // json, which pgx takes as it is only so
}

func (c *timelineColumns) args() []any { return []any{c.customer, c.seq, c.events} }

type deliveryColumns struct {
	customer, id, trigger, channel, recipient, subject, text, url texts

	seq  []int64
	kind []int16
	at   instants
	rest blobs
}

func (c *deliveryColumns) add(w *pack.Writer, owner string, seq int64, d *trigger.Delivery) {
	r := row.NewDelivery(w, owner, d)
	c.customer = append(c.customer, owner)
	c.seq = append(c.seq, seq)
	c.id = append(c.id, r.ID)
	c.trigger = append(c.trigger, r.Trigger)
	c.kind = append(c.kind, int16(r.Kind))
	c.channel = append(c.channel, r.Channel)
	c.recipient = append(c.recipient, r.To)
	c.subject = append(c.subject, r.Subject)
	c.text = append(c.text, r.Text)
	c.url = append(c.url, r.URL)
	c.at = append(c.at, at(r.At))
	c.rest = append(c.rest, r.Rest)
}

func (c *deliveryColumns) args() []any {
	return []any{c.customer, c.seq, c.id, c.trigger, c.kind, c.channel, c.recipient, c.subject, c.text, c.url, c.at, c.rest}
}
