package row

import (
	"time"

	"github.com/regulars-go/regulars/customer"
)

// AppendCycles appends what is readable of the cycles of a customer as a JSON array
// of objects, which a view can unfold. A field that is zero is left out; instants
// are microseconds since 1970. It is for people: a text that a database cannot hold
// is there as [Text] makes it.
func AppendCycles(out []byte, cycles []customer.Cycle) []byte {
	out = append(out, '[')
	for i := range cycles {
		y := &cycles[i]
		if customer.FindCycle(cycles, y.Pipeline) != y {
			continue
		}
		if i > 0 {
			out = append(out, ',')
		}
		o := object{out: appendQuoted(append(out, `{"pipeline":`...), Text(y.Pipeline))}
		o.text("stage", y.Stage)
		if y.Number != 0 {
			o.number("number", int64(y.Number))
		}
		o.text("purchase", y.Purchase)
		o.instant("entered", y.Entered)
		o.instant("next", y.Next)
		o.text("closed", y.Closed)
		out = append(o.out, '}')
	}
	return append(out, ']')
}

func (o *object) instant(name string, t time.Time) {
	if !t.IsZero() {
		o.number(name, t.UnixMicro())
	}
}
