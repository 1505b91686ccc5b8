package row

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// AppendEvents appends the events of a customer as a JSON array of objects, which
// a view can unfold. A field that is zero is left out; instants are microseconds
// since 1970, and known is left out where it equals at, null where it is zero. An
// event with a text that a database cannot hold has a packed copy of itself
// beside what can be read.
func AppendEvents(w *pack.Writer, out []byte, owner string, events []customer.Event) []byte {
	out = append(out, '[')
	for i := range events {
		if i > 0 {
			out = append(out, ',')
		}
		out = AppendEvent(w, out, owner, &events[i])
	}
	return append(out, ']')
}

// AppendEvent appends one event as a JSON object.
func AppendEvent(w *pack.Writer, out []byte, owner string, e *customer.Event) []byte {
	o := object{out: append(append(append(out, `{"kind":"`...), e.Kind.String()...), '"')}
	if !e.At.IsZero() {
		o.number("at", e.At.UnixMicro())
	}
	switch {
	case e.Known.Equal(e.At):
	case e.Known.IsZero():
		o.out = append(o.out, `,"known":null`...)
	default:
		o.number("known", e.Known.UnixMicro())
	}
	o.text("pipeline", e.Pipeline)
	o.text("stage", e.Stage)
	o.text("segment", e.Segment)
	o.text("trigger", e.Trigger)
	o.text("ref", e.Ref)
	o.text("name", e.Name)
	if e.Amount != 0 {
		o.number("amount", e.Amount)
	}
	if e.Cycle != 0 {
		o.number("cycle", int64(e.Cycle))
	}
	o.text("actor", e.Actor)
	o.text("reason", e.Reason)
	if o.lossy {
		k, _ := w.AppendEvents(owner, "", []customer.Event{*e})
		o.out = append(o.out, `,"packed":"`...)
		o.out = append(base64.StdEncoding.AppendEncode(o.out, []byte(k)), '"')
	}
	return append(o.out, '}')
}

// object is a JSON object that has begun.
type object struct {
	out   []byte
	lossy bool // a text of it is not as it was
}

func (o *object) key(name string) {
	o.out = append(append(append(o.out, `,"`...), name...), `":`...)
}

func (o *object) number(name string, n int64) {
	o.key(name)
	o.out = strconv.AppendInt(o.out, n, 10)
}

func (o *object) text(name, s string) {
	if s == "" {
		return
	}
	clean := Text(s)
	o.lossy = o.lossy || clean != s
	o.key(name)
	o.out = appendQuoted(o.out, clean)
}

const hexDigits = "0123456789abcdef"

// appendQuoted appends valid UTF-8 as a JSON string.
func appendQuoted(out []byte, s string) []byte {
	out = append(out, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		out = append(out, s[start:i]...)
		if c >= ' ' {
			out = append(out, '\\', c)
		} else {
			out = append(out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		start = i + 1
	}
	return append(append(out, s[start:]...), '"')
}

// event is how an event is read.
type event struct {
	Kind     customer.EventKind `json:"kind"`
	At       *int64             `json:"at"`
	Known    json.RawMessage    `json:"known"`
	Pipeline string             `json:"pipeline"`
	Stage    string             `json:"stage"`
	Segment  string             `json:"segment"`
	Trigger  string             `json:"trigger"`
	Ref      string             `json:"ref"`
	Name     string             `json:"name"`
	Amount   int64              `json:"amount"`
	Cycle    int                `json:"cycle"`
	Actor    string             `json:"actor"`
	Reason   string             `json:"reason"`
	Packed   []byte             `json:"packed"`
}

// Events reads what AppendEvents has written.
func Events(r *pack.Reader, owner string, text []byte) ([]customer.Event, error) {
	var list []event
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%w: %v", pack.ErrCorrupt, err)
	}
	events := make([]customer.Event, len(list))
	for i := range list {
		if err := list[i].read(r, owner, &events[i]); err != nil {
			return nil, err
		}
	}
	return events, nil
}

func (e *event) read(r *pack.Reader, owner string, into *customer.Event) error {
	if len(e.Packed) > 0 {
		list, err := r.Events(owner, pack.Chunk(e.Packed), nil)
		if err == nil && len(list) != 1 {
			err = pack.ErrCorrupt
		}
		if err != nil {
			return err
		}
		*into = list[0]
		return nil
	}
	*into = customer.Event{
		Kind: e.Kind, Pipeline: e.Pipeline, Stage: e.Stage, Segment: e.Segment, Trigger: e.Trigger,
		Ref: e.Ref, Name: e.Name, Amount: e.Amount, Cycle: e.Cycle, Actor: e.Actor, Reason: e.Reason,
	}
	if e.At != nil {
		into.At = time.UnixMicro(*e.At).UTC()
	}
	into.Known = into.At
	switch string(e.Known) {
	case "":
	case "null":
		into.Known = time.Time{}
	default:
		micros, err := strconv.ParseInt(string(e.Known), 10, 64)
		if err != nil {
			return fmt.Errorf("%w: known is not a number", pack.ErrCorrupt)
		}
		into.Known = time.UnixMicro(micros).UTC()
	}
	return nil
}
