package trigger

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/regulars-go/regulars/customer"
)

// Data is what a template may show. Texts that are not known are empty.
type Data struct {
	// Customer holds .Customer.ID, .Name, .Email, .Phone, .Manager, .Source and
	// .Locale, and .Customer.Field.NAME for every custom field.
	Customer *customer.Customer
	// Totals holds .Totals.Count, .Total, .Average and .Max; amounts in minor units.
	Totals customer.Totals
	// Cycle is that of the pipeline the trigger is about: .Cycle.Pipeline,
	// .Number, .Stage, and .Next, a date as 2006-01-02.
	Cycle customer.Cycle
	// Event is what the trigger answers: .Event.Kind, .Stage, .Segment, .Ref,
	// .Name, .Amount and .Reason.
	Event customer.Event
	// Next is what .Cycle.Next shows: the date of the cycle's next purchase in the
	// customer's zone.
	Next customer.Date
	// Today is .Today, the date in the customer's zone, as 2006-01-02.
	Today customer.Date
}

// shown is what a template may show, by its path. What a text shows is a
// scalar, so that there is nothing it could call.
var shown = map[string]func(*Data) any{
	"Today":            func(d *Data) any { return d.Today.String() },
	"Customer.ID":      func(d *Data) any { return d.Customer.ID },
	"Customer.Name":    func(d *Data) any { return d.Customer.Name },
	"Customer.Email":   func(d *Data) any { return address(d.Customer, "email") },
	"Customer.Phone":   func(d *Data) any { return address(d.Customer, "phone") },
	"Customer.Manager": func(d *Data) any { return d.Customer.Manager },
	"Customer.Source":  func(d *Data) any { return d.Customer.Source },
	"Customer.Locale":  func(d *Data) any { return d.Customer.Locale },
	"Totals.Count":     func(d *Data) any { return d.Totals.Count },
	"Totals.Total":     func(d *Data) any { return d.Totals.Total },
	"Totals.Average":   func(d *Data) any { return d.Totals.Average() },
	"Totals.Max":       func(d *Data) any { return d.Totals.Max },
	"Cycle.Pipeline":   func(d *Data) any { return d.Cycle.Pipeline },
	"Cycle.Number":     func(d *Data) any { return d.Cycle.Number },
	"Cycle.Stage":      func(d *Data) any { return d.Cycle.Stage },
	"Cycle.Next":       func(d *Data) any { return dateOrEmpty(d.Next) },
	"Event.Kind":       func(d *Data) any { return d.Event.Kind.String() },
	"Event.Stage":      func(d *Data) any { return d.Event.Stage },
	"Event.Segment":    func(d *Data) any { return d.Event.Segment },
	"Event.Ref":        func(d *Data) any { return d.Event.Ref },
	"Event.Name":       func(d *Data) any { return d.Event.Name },
	"Event.Amount":     func(d *Data) any { return d.Event.Amount },
	"Event.Reason":     func(d *Data) any { return d.Event.Reason },
}

// customField leads to the fields that a shop has added to its cards.
const customField = "Customer.Field."

// values returns the data at the given paths, as nested maps.
func (d *Data) values(paths []string) map[string]any {
	root := make(map[string]any)
	for _, path := range paths {
		at, name := root, path
		for {
			group, rest, nested := strings.Cut(name, ".")
			if !nested {
				break
			}
			next, ok := at[group].(map[string]any)
			if !ok {
				next = make(map[string]any)
				at[group] = next
			}
			at, name = next, rest
		}
		at[name] = d.value(path)
	}
	return root
}

func (d *Data) value(path string) any {
	if name, custom := strings.CutPrefix(path, customField); custom {
		return d.Customer.Fields.Get(name).String()
	}
	return shown[path](d)
}

func dateOrEmpty(d customer.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// text is a checked template. A nil text renders as nothing.
type text struct {
	template *template.Template
	paths    []string // what it shows
	pipes    []string // what stands in its braces and brackets
}

var templateFuncs = template.FuncMap{
	"default": func(otherwise, s string) string {
		if s == "" {
			return otherwise
		}
		return s
	},
}

// allowedFuncs are the functions a template may call. Go's own others can
// format without bound, call methods or index into data.
var allowedFuncs = []string{"default", "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not"}

func (c *compiler) template(source, path string) *text {
	if len(source) > maxText {
		c.faults.Add(path, "is longer than %d bytes", maxText)
	}
	t, err := parseTemplate(source)
	if err != nil {
		c.faults.Add(path, "is no template: %s", strings.TrimPrefix(err.Error(), "template: text:"))
		return nil
	}
	out, sound := &text{template: t}, true
	fault := func(format string, args ...any) {
		sound = false
		c.faults.Add(path, format, args...)
	}
	if len(t.Templates()) > 1 {
		fault("defines a template; write the text where it is used")
	}
	out.check(t.Root, fault)
	if sound {
		out.try(fault)
	}
	return out
}

func parseTemplate(source string) (*template.Template, error) {
	return template.New("text").Option("missingkey=error").Funcs(templateFuncs).Parse(source)
}

// try works every part out for a customer of whom nothing is known, so that what
// cannot be compared, or is given too little to compare, is found at once.
func (t *text) try(fault func(format string, args ...any)) {
	d := Data{Customer: new(customer.Customer)}
	values := d.values(t.paths)
	for _, pipe := range t.pipes {
		part, err := parseTemplate("{{" + pipe + "}}")
		if err == nil {
			err = part.Execute(io.Discard, values)
		}
		if err != nil {
			fault("cannot work out {{%s}}: %s", pipe, strings.TrimPrefix(err.Error(), "template: text:"))
		}
	}
}

// check faults whatever is not on the list of what is allowed.
func (t *text) check(n parse.Node, fault func(format string, args ...any)) {
	switch n := n.(type) {
	case nil, *parse.TextNode, *parse.StringNode, *parse.NumberNode, *parse.BoolNode, *parse.CommentNode:
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			t.check(child, fault)
		}
	case *parse.ActionNode:
		t.check(n.Pipe, fault)
	case *parse.IfNode:
		t.check(n.Pipe, fault)
		t.check(n.List, fault)
		t.check(n.ElseList, fault)
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			fault("declares a variable in %q; only fields, literals and comparisons are allowed", n)
		}
		t.pipes = append(t.pipes, n.String())
		for _, cmd := range n.Cmds {
			for _, arg := range cmd.Args {
				t.check(arg, fault)
			}
		}
	case *parse.IdentifierNode:
		if !slices.Contains(allowedFuncs, n.Ident) {
			fault("calls %q; allowed are %s", n.Ident, strings.Join(allowedFuncs, ", "))
		}
	case *parse.FieldNode:
		t.checkField(n.Ident, fault)
	default:
		fault("has %q, which is not allowed; use text, {{.Field}} and {{if}}", n)
	}
}

func (t *text) checkField(names []string, fault func(format string, args ...any)) {
	path := strings.Join(names, ".")
	if _, known := shown[path]; known || (strings.HasPrefix(path, customField) && len(names) == 3) {
		t.paths = append(t.paths, path)
		return
	}
	if meant := alike(names[len(names)-1]); meant != "" {
		fault("shows the unknown field .%s; did you mean %s?", path, meant)
		return
	}
	fault("shows the unknown field .%s; see trigger.Data for what there is", path)
}

// alike names what can be shown and has that last name; "" where nothing has.
func alike(name string) string {
	var paths []string
	for path := range shown {
		if strings.EqualFold(path[strings.LastIndexByte(path, '.')+1:], name) {
			paths = append(paths, "."+path)
		}
	}
	slices.Sort(paths)
	return strings.Join(paths, " or ")
}

// maxText bounds a rendered text, in bytes.
const maxText = 64 << 10

// render fills the template in.
func (t *text) render(run *Run, h Hands) (string, error) {
	if t == nil {
		return "", nil
	}
	today := customer.DateOf(h.Now().In(h.Zone()))
	d := Data{Customer: h.Card(), Event: run.Cause, Today: today}
	h.Facts(run, &d)
	var b limitedBuilder
	if err := t.template.Execute(&b, d.values(t.paths)); err != nil {
		if errors.Is(err, errTooLong) {
			return "", errTooLong
		}
		// The error of text/template may quote the customer's data.
		return "", fmt.Errorf("the text of step %d could not be filled in", run.Step)
	}
	return b.text.String(), nil
}

var (
	errTooLong = fmt.Errorf("the text is longer than %d bytes", maxText)
	errNoText  = errors.New("the text came out empty")
)

// limitedBuilder gathers a text up to the limit.
type limitedBuilder struct{ text strings.Builder }

func (b *limitedBuilder) Write(p []byte) (int, error) {
	if b.text.Len()+len(p) > maxText {
		return 0, errTooLong
	}
	return b.text.Write(p)
}
