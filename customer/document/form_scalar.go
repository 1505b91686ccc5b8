package document

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// text is the form of a string.
type text struct{}

func (text) decode(d *Decoder, n *Node, v reflect.Value) {
	if d.is(n, stringNode) {
		s, _ := n.Text()
		v.SetString(s)
	}
}

func (text) encode(e *encoder, v reflect.Value) { e.text(v.String()) }

func (text) describe(*Describer) map[string]any { return map[string]any{"type": "string"} }

// choice is the form of a string of which there are only some.
type choice struct{ texts []string }

func newPlainText(t reflect.Type) form {
	if list, ok := reflect.Zero(t).Interface().(interface{ DocumentTexts() []string }); ok {
		return choice{list.DocumentTexts()}
	}
	return text{}
}

func (c choice) decode(d *Decoder, n *Node, v reflect.Value) {
	if !d.is(n, stringNode) {
		return
	}
	s, _ := n.Text()
	if !slices.Contains(c.texts, s) {
		d.Fault(n, "%s is unknown; known are %s", strconv.Quote(clip(s)), nearest(s, c.texts))
		return
	}
	v.SetString(s)
}

func (c choice) encode(e *encoder, v reflect.Value) { e.text(v.String()) }

func (c choice) describe(*Describer) map[string]any {
	return map[string]any{"type": "string", "enum": c.texts}
}

// truth is the form of a bool.
type truth struct{}

func (truth) decode(d *Decoder, n *Node, v reflect.Value) {
	if d.is(n, boolNode) {
		v.SetBool(n.raw() == "true")
	}
}

func (truth) encode(e *encoder, v reflect.Value) { e.out = strconv.AppendBool(e.out, v.Bool()) }

func (truth) describe(*Describer) map[string]any { return map[string]any{"type": "boolean"} }

// whole is the form of a signed integer.
type whole struct{ of reflect.Type }

func (w whole) decode(d *Decoder, n *Node, v reflect.Value) {
	if !d.isWhole(n) {
		return
	}
	i, err := strconv.ParseInt(n.raw(), 10, w.of.Bits())
	if err != nil {
		least, most := w.bounds()
		d.Fault(n, "is %s, which is not from %d to %d", clip(n.raw()), least, most)
		return
	}
	v.SetInt(i)
}

func (w whole) bounds() (least, most int64) {
	most = math.MaxInt64 >> (64 - w.of.Bits())
	return -most - 1, most
}

func (w whole) encode(e *encoder, v reflect.Value) { e.out = strconv.AppendInt(e.out, v.Int(), 10) }

func (w whole) describe(*Describer) map[string]any {
	least, most := w.bounds()
	return map[string]any{"type": "integer", "minimum": least, "maximum": most}
}

// natural is the form of an unsigned integer.
type natural struct{ of reflect.Type }

func (u natural) decode(d *Decoder, n *Node, v reflect.Value) {
	if !d.isWhole(n) {
		return
	}
	i, err := strconv.ParseUint(n.raw(), 10, u.of.Bits())
	if err != nil {
		d.Fault(n, "is %s, which is not from 0 to %d", clip(n.raw()), u.most())
		return
	}
	v.SetUint(i)
}

func (u natural) encode(e *encoder, v reflect.Value) { e.out = strconv.AppendUint(e.out, v.Uint(), 10) }

func (u natural) describe(*Describer) map[string]any {
	return map[string]any{"type": "integer", "minimum": 0, "maximum": u.most()}
}

func (u natural) most() uint64 { return math.MaxUint64 >> (64 - u.of.Bits()) }

// isWhole faults what is not written as a whole number.
func (d *Decoder) isWhole(n *Node) bool {
	if !d.is(n, numberNode) {
		return false
	}
	if strings.ContainsAny(n.raw(), ".eE") {
		d.Fault(n, "is %s, not a whole number without fraction and exponent", clip(n.raw()))
		return false
	}
	return true
}

// number is the form of a float.
type number struct{ of reflect.Type }

func (f number) decode(d *Decoder, n *Node, v reflect.Value) {
	if x, ok := d.finite(n, f.of.Bits()); ok {
		v.SetFloat(x)
	}
}

// finite returns the number that n is.
func (d *Decoder) finite(n *Node, bits int) (float64, bool) {
	if !d.is(n, numberNode) {
		return 0, false
	}
	x, err := strconv.ParseFloat(n.raw(), bits)
	if err != nil {
		d.Fault(n, "is %s, which is larger than a number can be", clip(n.raw()))
		return 0, false
	}
	return x, true
}

func (f number) encode(e *encoder, v reflect.Value) { e.number(v.Interface(), v.Float()) }

// number writes a float as encoding/json does.
func (e *encoder) number(v any, x float64) {
	written, err := json.Marshal(v)
	if err != nil {
		e.fault("is %v, which is no number in JSON", x)
		return
	}
	e.out = append(e.out, written...)
}

func (f number) describe(*Describer) map[string]any { return map[string]any{"type": "number"} }
