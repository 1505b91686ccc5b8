package customer

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ErrInvalid is what every error about bad input matches with [errors.Is].
var ErrInvalid = errors.New("invalid input")

// FieldError tells what is wrong with one field of an input. It holds IDs and
// field names, never what a customer is called or how to reach them.
type FieldError struct {
	What  string // the kind of input: "purchase"
	ID    string // the ID of the input, or of the customer where it has none; empty: it has neither
	Field string // the field's path, as in "Items[2].Quantity"
	Fault string // what is wrong and what to do
}

// Error names the input, the field and the fault.
func (e *FieldError) Error() string {
	if e.ID == "" {
		return fmt.Sprintf("%s: %s %s", e.What, e.Field, e.Fault)
	}
	return fmt.Sprintf("%s %q: %s %s", e.What, e.ID, e.Field, e.Fault)
}

// Is reports whether target is [ErrInvalid].
func (e *FieldError) Is(target error) bool { return target == ErrInvalid }

// checker gathers the faults of one input.
type checker struct {
	what, id string
	faults   []error
}

func (c *checker) fault(field, fault string) {
	c.faults = append(c.faults, &FieldError{c.what, c.id, field, fault})
}

func (c *checker) required(field, value string) {
	if value == "" {
		c.fault(field, "is empty; it is required")
	}
}

// maxID is how long an ID may be, in bytes.
const maxID = 256

// identifies faults an ID that is missing, or that not every store can keep.
func (c *checker) identifies(field, id string) {
	switch {
	case id == "":
		c.fault(field, "is empty; it is required")
	case len(id) > maxID:
		c.fault(field, fmt.Sprintf("has %d bytes; an ID has at most %d", len(id), maxID))
	case !utf8.ValidString(id) || strings.ContainsFunc(id, unicode.IsControl):
		c.fault(field, "is not plain UTF-8 text; take out what cannot be printed")
	}
}

// instant faults a time that is missing, or one that microseconds since 1970,
// and so the stores, cannot hold.
func (c *checker) instant(field string, t time.Time) {
	if t.IsZero() {
		c.fault(field, "is zero; say when it happened")
		return
	}
	c.date(field, t)
}

// date faults a time outside what the stores can hold; zero is none and fine.
func (c *checker) date(field string, t time.Time) {
	if year := t.UTC().Year(); !t.IsZero() && (year < 1900 || year > 9999) {
		c.fault(field, fmt.Sprintf("is in the year %d; years from 1900 to 9999 can be kept", year))
	}
}

func (c *checker) err() error { return errors.Join(c.faults...) }

// ErrDefinition is what every error about a faulty definition matches with
// [errors.Is].
var ErrDefinition = errors.New("invalid definition")

// DefinitionError tells what is wrong at one place of the definitions.
type DefinitionError struct {
	Path  string // as "triggers[2].steps[0].text"; empty: the whole document
	Fault string // what is wrong and what to do
	Line  int    // of the document it was read from; zero: built in Go
}

// Error names the line, the place and the fault.
func (e *DefinitionError) Error() string {
	place := e.Path
	if place == "" {
		place = "document"
	}
	if e.Line > 0 {
		return fmt.Sprintf("line %d: %s: %s", e.Line, place, e.Fault)
	}
	return place + ": " + e.Fault
}

// Is reports whether target is [ErrDefinition].
func (e *DefinitionError) Is(target error) bool { return target == ErrDefinition }

// Faults gathers what is wrong with definitions, so that all of it can be told
// at once. The zero Faults is ready for use. Behind the hundredth no more are
// told, but that there are more: beyond it nobody reads them.
type Faults struct{ list []error }

const maxFaults = 100

// Add records a fault at a path.
func (f *Faults) Add(path, format string, args ...any) {
	switch {
	case len(f.list) > maxFaults:
		return
	case len(f.list) == maxFaults:
		path, format, args = "", "has more faults than these", nil
	}
	f.list = append(f.list, &DefinitionError{Path: path, Fault: fmt.Sprintf(format, args...)})
}

// Err returns all faults joined, each a *DefinitionError; nil where there are
// none.
func (f *Faults) Err() error { return errors.Join(f.list...) }
