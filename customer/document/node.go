package document

import (
	"encoding/json"
	"iter"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Node is a JSON value with its place in the text. Nodes never change and may
// be used concurrently.
type Node struct {
	src          *source
	kind         kind
	start, end   int32 // of the value in the text
	key, keyEnd  int32 // of its key, quotes included; none where both are zero
	parent       int32 // among the nodes; -1: the root
	place        int32 // among its siblings
	first, count int32 // of its children in source.children
}

// source is a parsed text. Nodes lie side by side in it, not one by one on the
// heap: a text of 16 MiB may have eight million.
type source struct {
	text     string
	nodes    []Node
	children []int32 // of each node in turn
	feeds    []int32 // where lines end
}

type kind uint8

const (
	nullNode kind = iota
	boolNode
	numberNode
	stringNode
	arrayNode
	objectNode
)

var kindNames = [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}

func (k kind) String() string { return kindNames[k] }

// IsObject reports whether n is an object.
func (n *Node) IsObject() bool { return n.kind == objectNode }

// IsArray reports whether n is an array.
func (n *Node) IsArray() bool { return n.kind == arrayNode }

// IsString reports whether n is a string.
func (n *Node) IsString() bool { return n.kind == stringNode }

// IsNumber reports whether n is a number.
func (n *Node) IsNumber() bool { return n.kind == numberNode }

// IsBool reports whether n is true or false.
func (n *Node) IsBool() bool { return n.kind == boolNode }

// Text returns the string that n is; false where it is none.
func (n *Node) Text() (string, bool) {
	if n.kind != stringNode {
		return "", false
	}
	return unquote(n.raw()), true
}

// Len returns how many elements or members n has.
func (n *Node) Len() int { return int(n.count) }

// Elements returns the elements of an array; nil where n is none.
func (n *Node) Elements() []*Node {
	if n.kind != arrayNode {
		return nil
	}
	list := make([]*Node, n.count)
	for i := range list {
		list[i] = n.child(i)
	}
	return list
}

// Members yields the keys and values of an object in the order of the text;
// nothing where n is none.
func (n *Node) Members() iter.Seq2[string, *Node] {
	return func(yield func(string, *Node) bool) {
		if n.kind != objectNode {
			return
		}
		for i := range int(n.count) {
			if c := n.child(i); !yield(c.name(), c) {
				return
			}
		}
	}
}

// Member returns the value of a key; nil where n is no object or has no such
// key.
func (n *Node) Member(key string) *Node {
	for k, value := range n.Members() {
		if k == key {
			return value
		}
	}
	return nil
}

// OnlyMember returns the member of an object that has one; false where n is no
// object or has another number of members.
func (n *Node) OnlyMember() (key string, value *Node, ok bool) {
	if n.kind != objectNode || n.count != 1 {
		return "", nil, false
	}
	value = n.child(0)
	return value.name(), value, true
}

// Line returns the line of the text on which n begins, from 1.
func (n *Node) Line() int { return n.src.line(n.start) }

// Path returns the place of n in the document, as "segments[0].enter.all[1]";
// empty is the whole of it. A key that is no plain name is quoted, as in
// a["b c"], and one that is very long is cut short.
func (n *Node) Path() string {
	var names []string
	for ; n.parent >= 0; n = &n.src.nodes[n.parent] {
		if n.keyEnd == 0 {
			names = append(names, "["+strconv.Itoa(int(n.place))+"]")
		} else {
			names = append(names, step(n.name()))
		}
	}
	slices.Reverse(names)
	return strings.TrimPrefix(strings.Join(names, ""), ".")
}

// step returns how a key is written behind a path.
func step(key string) string {
	if isName(key) && len(key) <= maxShown {
		return "." + key
	}
	return "[" + strconv.Quote(clip(key)) + "]"
}

// maxShown is how much of a text an error shows, in bytes.
const maxShown = 60

// clip shortens a text to what an error may show.
func clip(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return strings.ToValidUTF8(s[:maxShown], "") + "..."
}

// isName reports whether a key is written without quotes.
func isName(key string) bool {
	return key != "" && strings.Trim(key, nameBytes) == "" && (key[0] < '0' || key[0] > '9')
}

const nameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

// depth returns how many arrays and objects stand in each other in the text of
// which n is the whole.
func (n *Node) depth() int {
	deepest, depths := 0, make([]int, len(n.src.nodes))
	for i := range n.src.nodes { // each behind the one that it stands in
		of := &n.src.nodes[i]
		if of.parent >= 0 {
			depths[i] = depths[of.parent]
		}
		if of.kind >= arrayNode {
			depths[i]++
		}
		deepest = max(deepest, depths[i])
	}
	return deepest
}

func (n *Node) raw() string { return n.src.text[n.start:n.end] }

func (n *Node) name() string { return unquote(n.src.text[n.key:n.keyEnd]) }

func (n *Node) child(i int) *Node { return &n.src.nodes[n.src.children[int(n.first)+i]] }

func (s *source) line(at int32) int {
	return 1 + sort.Search(len(s.feeds), func(i int) bool { return s.feeds[i] >= at })
}

// unquote returns the text of a string that was found to be sound.
func unquote(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	_ = json.Unmarshal([]byte(quoted), &s) // which cannot fail: scanString checked it
	return s
}
