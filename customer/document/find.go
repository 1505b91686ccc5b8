package document

import (
	"errors"
	"strconv"
	"strings"

	"github.com/regulars-go/regulars/customer"
)

// Find returns the node at a path below n, as [Node.Path] writes it, or the
// nearest that exists above it. It gives a line to faults that are found after
// reading.
func (n *Node) Find(path string) *Node {
	for path != "" {
		name, rest, quoted := cut(path)
		var next *Node
		if i, err := strconv.Atoi(name); err == nil && !quoted && n.kind == arrayNode && i >= 0 && i < int(n.count) {
			next = n.child(i)
		} else {
			next = n.Member(name)
		}
		if next == nil {
			break
		}
		n, path = next, rest
	}
	return n
}

// cut takes the first name, index or quoted key off a path.
func cut(path string) (name, rest string, quoted bool) {
	path = strings.TrimPrefix(path, ".")
	if inside, ok := strings.CutPrefix(path, "["); ok {
		if q, err := strconv.QuotedPrefix(inside); err == nil {
			name, _ = strconv.Unquote(q)
			return name, strings.TrimPrefix(inside[len(q):], "]"), true
		}
		name, rest, _ = strings.Cut(inside, "]")
		return name, rest, false
	}
	if end := strings.IndexAny(path, ".["); end > 0 {
		return path[:end], path[end:], false
	}
	return path, "", false
}

// Locate returns the faults that err tells, each with the line on which the node
// at its path below n stands. What is no *customer.DefinitionError stays as it
// is.
func (n *Node) Locate(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var list []error
		for _, e := range joined.Unwrap() {
			list = append(list, n.Locate(e))
		}
		return errors.Join(list...)
	}
	if fault, ok := err.(*customer.DefinitionError); ok {
		placed := *fault
		placed.Line = n.Find(fault.Path).Line()
		return &placed
	}
	return err
}
