package pack

import "hash/maphash"

// Label is one thing that a customer is looked up by, such as being in a
// segment, as a number: the LabelKind in the upper byte, and below it the key of
// the name or text. The key of a name is its number in [Names] where it has one,
// else a hash; that of a contact is always a hash.
//
// Numbers are cheap to compare and to index, which is done whenever a record
// is replaced. Two labels may be one number, if hardly ever: an index of them
// finds everybody it should, and perhaps somebody else.
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

// The bits of a label: 8 of the kind, 1 that says what the key is, 55 of a hash or
// up to 32 of numbers.
const (
	keyBits  = 56
	hashed   = 1 << (keyBits - 1) // tells a hash from numbers of names
	nameBits = 16                 // of such a number
)

// newLabel returns the label of a kind with a key.
func newLabel(kind LabelKind, key uint64) Label { return Label(kind)<<keyBits | Label(key) }

// stageKey returns the key of a stage of a pipeline.
func stageKey(pipeline, stage uint64) uint64 {
	if (pipeline|stage)&hashed == 0 {
		return pipeline<<nameBits | stage
	}
	const odd = 0x9e3779b97f4a7c15 // tells a/b from b/a
	return (pipeline*odd+stage)&(hashed-1) | hashed
}

// hash returns the key of a text that has no number.
func (n *Names) hash(text string) uint64 { return maphash.String(n.seed, text)&(hashed-1) | hashed }

// key returns the key of a name. The names of all records have one for good:
// one that has no number by now is of no record, or gets none.
func (n *Names) key(name string) uint64 {
	if i, ok := n.find(name); ok {
		return i
	}
	return n.hash(name)
}

// Label returns the label to look for. That of a stage is [Names.Stage].
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

// Labels appends to out the labels of a packed record: none where there is no
// record, packed as "". It needs a table of names. It reads the head alone, and
// that without making the texts, which is why it repeats what head describes.
func (r *Reader) Labels(out []Label, customerID, packed string) []Label {
	if packed == "" {
		return out
	}
	c := r.begin(customerID, packed)
	f := c.fields(headFields)
	for range f.count() {
		g := c.fields(2)
		var pipeline uint64
		if g.flag(false) {
			pipeline = c.readKey()
			out = append(out, newLabel(InPipeline, pipeline))
		}
		if g.flag(false) {
			out = append(out, newLabel(InStage, stageKey(pipeline, c.readKey())))
		}
	}
	for range f.count() {
		out = append(out, newLabel(InSegment, c.readKey()))
	}
	if f.flag(false) {
		out = append(out, newLabel(WithManager, c.readKey()))
	}
	for range f.count() {
		out = append(out, newLabel(WithTag, c.readKey()))
	}
	for range 2 { // addresses and phones
		for range f.count() {
			out = append(out, newLabel(WithContact, c.names.hash(c.readText())))
		}
	}
	return out
}

// count reads the length of a list.
func (f *fields) count() uint64 {
	if !f.flag(false) {
		return 0
	}
	n := f.c.readUint()
	if n > f.c.left() { // an element takes at least a byte
		f.c.fail()
		return 0
	}
	return n
}

// readKey reads a name and returns its key.
func (c *coder) readKey() uint64 {
	v := c.readUint()
	if v&1 == 1 {
		return v >> 1
	}
	return c.names.hash(c.take(v >> 1))
}
