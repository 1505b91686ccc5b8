package trigger

import (
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// Tag gives the customer a tag.
func Tag(name string) Step { return tag(name) }

type tag string

func (t tag) String() string { return fmt.Sprintf("tag %q", string(t)) }

func (t tag) compile(c *compiler, path string) action {
	c.named(string(t), t, path)
	return edit{
		event: customer.Event{Kind: customer.Tagged, Name: string(t)},
		done:  func(c *customer.Customer) bool { return c.HasTag(string(t)) },
		do: func(c *customer.Customer) {
			c.Tags = slices.Sorted(slices.Values(append(c.Tags, string(t))))
		},
	}.action
}

// Untag takes a tag from the customer.
func Untag(name string) Step { return untag(name) }

type untag string

func (t untag) String() string { return fmt.Sprintf("untag %q", string(t)) }

func (t untag) compile(c *compiler, path string) action {
	c.named(string(t), t, path)
	return edit{
		event: customer.Event{Kind: customer.Untagged, Name: string(t)},
		done:  func(c *customer.Customer) bool { return !c.HasTag(string(t)) },
		do: func(c *customer.Customer) {
			c.Tags = slices.DeleteFunc(c.Tags, func(has string) bool { return has == string(t) })
		},
	}.action
}

// SetField sets a custom field of the customer's card; the zero Value takes the
// field out.
func SetField(name string, v customer.Value) Step { return setField{name, v} }

type setField struct {
	Name  string         `json:"name" doc:"the field's name"`
	Value customer.Value `json:"value,omitzero" doc:"left out: the field is taken out of the card"`
}

func (f setField) String() string { return fmt.Sprintf("set field %q", f.Name) }

func (f setField) compile(c *compiler, path string) action {
	c.named(f.Name, f, path+".name")
	return edit{
		event: customer.Event{Kind: customer.FieldSet, Name: f.Name},
		done:  func(c *customer.Customer) bool { return c.Fields.Get(f.Name) == f.Value },
		do:    func(c *customer.Customer) { c.Fields = c.Fields.With(f.Name, f.Value) },
	}.action
}

// Assign makes a manager responsible for the customer.
func Assign(manager string) Step { return assign(manager) }

type assign string

func (a assign) String() string { return fmt.Sprintf("assign %q", string(a)) }

func (a assign) compile(c *compiler, path string) action {
	c.named(string(a), a, path)
	return edit{
		event: customer.Event{Kind: customer.ManagerAssigned, Name: string(a)},
		done:  func(c *customer.Customer) bool { return c.Manager == string(a) },
		do:    func(c *customer.Customer) { c.Manager = string(a) },
	}.action
}

// edit changes the card. It does nothing where it is done.
type edit struct {
	event customer.Event // what was done
	done  func(*customer.Customer) bool
	do    func(*customer.Customer)
}

func (e edit) action(run *Run, h Hands) progress {
	if !e.done(h.Card()) {
		h.Edit(run, e.event, e.do)
	}
	return onward
}

// named faults a step that names nothing.
func (c *compiler) named(name string, s Step, path string) {
	if name == "" {
		c.faults.Add(path, "%s: the name is empty; give it one", s)
	}
}
