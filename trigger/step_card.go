package trigger

import (
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// Tag gives the customer a tag.
func Tag(tag string) Step {
	return edit{
		words: fmt.Sprintf("tag %q", tag), name: tag, kind: customer.Tagged,
		done: func(c *customer.Customer) bool { return c.HasTag(tag) },
		do: func(c *customer.Customer) {
			c.Tags = slices.Sorted(slices.Values(append(c.Tags, tag)))
		},
	}
}

// Untag takes a tag from the customer.
func Untag(tag string) Step {
	return edit{
		words: fmt.Sprintf("untag %q", tag), name: tag, kind: customer.Untagged,
		done: func(c *customer.Customer) bool { return !c.HasTag(tag) },
		do: func(c *customer.Customer) {
			c.Tags = slices.DeleteFunc(c.Tags, func(t string) bool { return t == tag })
		},
	}
}

// SetField sets a custom field of the customer's card; the zero Value takes the
// field out.
func SetField(name string, v customer.Value) Step {
	return edit{
		words: fmt.Sprintf("set field %q", name), name: name, kind: customer.FieldSet,
		done: func(c *customer.Customer) bool { return c.Fields.Get(name) == v },
		do:   func(c *customer.Customer) { c.Fields = c.Fields.With(name, v) },
	}
}

// Assign makes a manager responsible for the customer.
func Assign(manager string) Step {
	return edit{
		words: fmt.Sprintf("assign %q", manager), name: manager, kind: customer.ManagerAssigned,
		done: func(c *customer.Customer) bool { return c.Manager == manager },
		do:   func(c *customer.Customer) { c.Manager = manager },
	}
}

// edit is a step that changes the card. It does nothing where it is done.
type edit struct {
	words, name string
	kind        customer.EventKind
	done        func(*customer.Customer) bool
	do          func(*customer.Customer)
}

func (e edit) String() string { return e.words }

func (e edit) compile(c *compiler, path string) action {
	if e.name == "" {
		c.faults.Add(path, "%s: the name is empty; give it one", e.words)
	}
	return func(run *Run, h Hands) progress {
		if !e.done(h.Card()) {
			h.Edit(run, customer.Event{Kind: e.kind, Name: e.name}, e.do)
		}
		return onward
	}
}
