package pack

import (
	"hash/maphash"
	"slices"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// Label is one thing that a customer is looked up by, such as being in a
// segment, as a number: its LabelKind in the upper byte, and below it the key of
// the name or text. The key of a name is its number in [Names], where it has
// one, and a hash with the bit hashed otherwise; that of a contact is a hash.
//
// Comparing, hashing and sorting such numbers is what makes it cheap to keep an
// index while records are replaced. Labels of two things may be equal, if
// hardly ever: an index of them finds everybody, and perhaps somebody too many.
type Label uint64

// LabelKind says what a label is about.
type LabelKind uint8

// The kinds of labels.
const (
	InPipeline LabelKind = iota
	InStage              // of one pipeline
	InSegment
	WithManager
	WithTag
	WithContact // an e-mail address or a phone
)

const (
	keyBits  = 56
	hashed   = 1 << (keyBits - 1)
	nameBits = 16 // of a name's number
	nameMask = 1<<nameBits - 1
)

func newLabel(kind LabelKind, key uint64) Label { return Label(kind)<<keyBits | Label(key) }

// name returns the number of the name that the label is about, the stage where
// there are two, and anything at all where that has no number.
func (l Label) name() uint64 { return uint64(l) & nameMask }

// stageKey returns the key of a stage of a pipeline.
func stageKey(pipeline, stage uint64) uint64 {
	if (pipeline|stage)&hashed == 0 {
		return pipeline<<nameBits | stage
	}
	const odd = 0x9e3779b97f4a7c15 // tells a/b from b/a
	return (pipeline*odd+stage)&(hashed-1) | hashed
}

// hash returns the key of a text that has no number.
func (n *Names) hash(text string) uint64 {
	if n == nil {
		return hashed // who spells everything out keeps no labels
	}
	return maphash.String(n.seed, text)&(hashed-1) | hashed
}

// key returns the key of a name; of one that no record has, any.
func (n *Names) key(name string) uint64 {
	if i, ok := n.find(name); ok {
		return i
	}
	return n.hash(name)
}

// Label returns the label of those to look for. InStage needs [Names.Stage].
func (n *Names) Label(kind LabelKind, value string) Label {
	if kind == WithContact {
		return newLabel(kind, n.hash(value))
	}
	return newLabel(kind, n.key(value))
}

// Stage returns the label of those in a stage of a pipeline.
func (n *Names) Stage(pipeline, stage string) Label {
	return newLabel(InStage, stageKey(n.key(pipeline), n.key(stage)))
}

// note adds to the labels of the record that is coded.
func (c *coder) note(kind LabelKind, key uint64) {
	if c.labelling {
		c.labels = append(c.labels, newLabel(kind, key))
	}
}

// key codes a name that customers are looked up by and returns its key.
func (c *coder) key(name *string) uint64 {
	var number uint64
	var ok bool
	if c.reading {
		*name, number, ok = c.readName()
	} else {
		number, ok = c.number(*name)
		c.writeName(*name, number, ok)
	}
	if !ok {
		return c.names.hash(*name)
	}
	return number
}

// number returns the number of a name, which it gets if it can. Nearly always
// the names of a record are those of the record that it replaces, in the same
// order: to compare with the next of those is quicker than to look in the table.
func (c *coder) number(name string) (number uint64, ok bool) {
	if len(c.hints) > 0 {
		if i := c.hints[0].name(); i < uint64(len(c.known)) && c.known[i] == name {
			c.hints = c.hints[1:]
			return i, true
		}
	}
	number, ok = c.names.add(name)
	at := slices.IndexFunc(c.hints, func(l Label) bool { return l.name() == number })
	c.hints = c.hints[at+1:] // behind it, where it is not new
	return number, ok
}

// The parts of a record's head.

func cycleHead(c *coder, y *customer.Cycle) {
	f := c.fields(2)
	var pipeline uint64
	if f.flag(y.Pipeline != "") {
		pipeline = c.key(&y.Pipeline)
		c.note(InPipeline, pipeline)
	}
	if f.flag(y.Stage != "") {
		c.note(InStage, stageKey(pipeline, c.key(&y.Stage)))
	}
}

func segmentName(c *coder, m *segment.Membership) { c.note(InSegment, c.key(&m.Segment)) }

func tag(c *coder, tag *string) { c.note(WithTag, c.key(tag)) }

func contact(c *coder, text *string) {
	c.text(text)
	if c.labelling {
		c.note(WithContact, c.names.hash(*text))
	}
}
