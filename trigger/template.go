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
	// Next is the date of the cycle's next purchase in the customer's zone.
	Next customer.Date
	// Today is .Today, the date in the customer's zone, as 2006-01-02.
	Today customer.Date
}

// shown lists the fields of a template's data; those of the card have one more
// level, the custom fields.
var shown = map[string][]string{
	"Customer": {"ID", "Name", "Email", "Phone", "Manager", "Source", "Locale"},
	"Totals":   {"Count", "Total", "Average", "Max"},
	"Cycle":    {"Pipeline", "Number", "Stage", "Next"},
	"Event":    {"Kind", "Stage", "Segment", "Ref", "Name", "Amount", "Reason"},
}

// values returns the data as maps of scalars: nothing a template could call.
func (d *Data) values(fields []string) map[string]any {
	custom := make(map[string]any, len(fields))
	for _, name := range fields {
		custom[name] = d.Customer.Fields.Get(name).String()
	}
	c := d.Customer
	return map[string]any{
		"Today": d.Today.String(),
		"Customer": map[string]any{
			"ID": c.ID, "Name": c.Name, "Email": address(c, "email"), "Phone": address(c, "phone"),
			"Manager": c.Manager, "Source": c.Source, "Locale": c.Locale, "Field": custom,
		},
		"Totals": map[string]any{
			"Count": d.Totals.Count, "Total": d.Totals.Total, "Average": d.Totals.Average(), "Max": d.Totals.Max,
		},
		"Cycle": map[string]any{
			"Pipeline": d.Cycle.Pipeline, "Number": d.Cycle.Number, "Stage": d.Cycle.Stage, "Next": dateOrEmpty(d.Next),
		},
		"Event": map[string]any{
			"Kind": d.Event.Kind.String(), "Stage": d.Event.Stage, "Segment": d.Event.Segment, "Ref": d.Event.Ref,
			"Name": d.Event.Name, "Amount": d.Event.Amount, "Reason": d.Event.Reason,
		},
	}
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
	fields   []string // the custom fields it shows
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
	values := d.values(t.fields)
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

func (t *text) checkField(path []string, fault func(format string, args ...any)) {
	switch {
	case len(path) == 1 && path[0] == "Today":
	case len(path) == 2 && slices.Contains(shown[path[0]], path[1]):
	case len(path) == 3 && path[0] == "Customer" && path[1] == "Field":
		t.fields = append(t.fields, path[2])
	default:
		fault("shows the unknown field .%s; see trigger.Data for what there is", strings.Join(path, "."))
	}
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
	if err := t.template.Execute(&b, d.values(t.fields)); err != nil {
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
