package trigger

import (
	"errors"
	"slices"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
)

// occasion is one kind of On, as JSON writes it: {"key": {...}}.
type occasion struct {
	key   string
	event customer.EventKind
	after bool // a date: the offset counts forward
	field bool // a date: it is that of a field
	says  func() saying
	doc   string
}

// occasions is all that a trigger may answer. None is what the steps of triggers
// do themselves, or a trigger could keep itself going for ever.
var occasions = []occasion{
	{key: "customer_added", event: customer.CustomerAdded, says: fresh[ofAnything], doc: "a new card"},
	{key: "purchase", event: customer.Purchased, says: fresh[ofAnything], doc: "every purchase"},
	{key: "refund", event: customer.Refunded, says: fresh[ofAnything], doc: "every refund"},
	{key: "activity", event: customer.Acted, says: fresh[ofActivity], doc: "an activity, inbound messages among them"},
	{key: "cycle_started", event: customer.CycleStarted, says: fresh[ofPipeline], doc: "a purchase that opens a cycle"},
	{key: "cycle_closed", event: customer.CycleClosed, says: fresh[ofPipeline], doc: "the end of a cycle, for whatever reason"},
	{key: "returned", event: customer.Returned, says: fresh[ofPipeline], doc: "a purchase that opens a cycle after the last one was closed"},
	{key: "refused", event: customer.CustomerRefused, says: fresh[ofPipeline], doc: "a refusal"},
	{key: "stage_entered", event: customer.StageEntered, says: fresh[ofStage], doc: "coming into a stage"},
	{key: "stage_left", event: customer.StageLeft, says: fresh[ofStage], doc: "leaving a stage"},
	{key: "segment_entered", event: customer.SegmentEntered, says: fresh[ofSegment], doc: "coming into a segment"},
	{key: "segment_left", event: customer.SegmentLeft, says: fresh[ofSegment], doc: "leaving a segment"},
	{key: "before_next", event: customer.DateReached, says: fresh[ofNext], doc: "an instant before the next purchase"},
	{key: "after_next", event: customer.DateReached, after: true, says: fresh[ofNext], doc: "an instant after the next purchase was expected"},
	{key: "before_date", event: customer.DateReached, field: true, says: fresh[ofDate], doc: "an instant before a date of the card"},
	{key: "after_date", event: customer.DateReached, after: true, field: true, says: fresh[ofDate], doc: "an instant after a date of the card"},
}

// occasion returns what kind on is; nil: none.
func (on *On) occasion() *occasion {
	for i := range occasions {
		o := &occasions[i]
		if o.event == on.Event && (o.event != customer.DateReached || (o.after == on.After && o.field == (on.Field != ""))) {
			return o
		}
	}
	return nil
}

// plain returns on without whatever the occasion does not have.
func (o *occasion) plain(on *On) On {
	s := o.says()
	s.take(on)
	return o.read(s)
}

// read returns the On that says s.
func (o *occasion) read(s saying) On {
	on := On{Event: o.event, After: o.after}
	s.give(&on)
	return on
}

// plainly is the language of what occasions say.
var plainly = document.NewLanguage()

// MarshalJSON writes on as an object with one key: {"stage_entered": {"pipeline":
// "manicure", "stage": "call"}}. What [Compile] refuses may be an error.
func (on On) MarshalJSON() ([]byte, error) {
	o := on.occasion()
	if o == nil || o.plain(&on) != on {
		return nil, errors.New("is nothing that a trigger can answer; build it by the functions of package trigger")
	}
	s := o.says()
	s.take(&on)
	return plainly.EncodeMember(o.key, s)
}

// UnmarshalJSON reads what [On.MarshalJSON] writes, strictly.
func (on *On) UnmarshalJSON(data []byte) error { return plainly.Unmarshal(data, on) }

// DecodeDocument reads what [On.MarshalJSON] writes.
func (on *On) DecodeDocument(d *document.Decoder, n *document.Node) {
	keys := make([]string, len(occasions))
	for i := range occasions {
		keys[i] = occasions[i].key
	}
	key, value := d.Choice(n, "occasion", keys...)
	if value == nil {
		return
	}
	o := &occasions[slices.Index(keys, key)]
	s := o.says()
	if !d.Value(value, s) {
		return
	}
	if *on = o.read(s); on.occasion() != o {
		d.Fault(value, "names no field of the card; use before_next or after_next for the next purchase")
	}
}

// DescribeDocument describes what [On.DecodeDocument] reads.
func (on *On) DescribeDocument(d *document.Describer) map[string]any {
	members := make(map[string]any, len(occasions))
	for i := range occasions {
		schema := d.TypeOf(occasions[i].says())
		schema["description"] = occasions[i].doc
		members[occasions[i].key] = schema
	}
	return d.Choice(members)
}
