package trigger_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/trigger"
)

func TestWhatATemplateMayShow(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hello": "Hello",
		"{{.Customer.ID}} {{.Customer.Name}} {{.Customer.Email}} {{.Customer.Phone}}": "c1 Ann ann@example.org +49 1",
		"{{.Customer.Manager}} {{.Customer.Source}} {{.Customer.Locale}}":             "bob web de-AT",
		"{{.Customer.Field.pet}} {{.Customer.Field.size}}":                            "cat 42",
		"[{{.Customer.Field.nothing}}]":                                               "[]",
		"{{.Totals.Count}} {{.Totals.Total}} {{.Totals.Average}} {{.Totals.Max}}":     "3 1000 333 700",
		"{{.Cycle.Pipeline}} {{.Cycle.Number}} {{.Cycle.Stage}} {{.Cycle.Next}}":      "salon 4 due 2026-04-01",
		"{{.Event.Kind}} {{.Event.Ref}} {{.Event.Amount}} [{{.Event.Stage}}]":         "purchase p1 700 []",
		"[{{.Event.Segment}}{{.Event.Name}}{{.Event.Reason}}]":                        "[]",
		"{{.Today}}": "2026-03-10",
		`{{default "friend" .Customer.Name}} {{default "none" .Customer.Field.nothing}}`:      "Ann none",
		`{{.Customer.Field.nothing | default "none"}}`:                                        "none",
		`{{if .Customer.Field.nothing}}yes{{else if .Customer.Phone}}phone{{end}}`:            "phone",
		`{{if and (ge .Totals.Count 3) (not (eq .Customer.Name "Bob"))}}yes{{end}}`:           "yes",
		`{{if or (lt .Totals.Count 3) (gt .Event.Amount 1)}}yes{{else}}no{{end}}`:             "yes",
		`{{if eq .Customer.Field.size "42"}}{{if ne .Totals.Max 1}}yes{{end}}{{end}}`:         "yes",
		`{{if le .Totals.Count 2 | not}}{{/* why */}}more{{end}}`:                             "more",
		"{{- /* no comment */ -}} <b>{{.Customer.Name}}</b> {{`raw`}} {{1}} {{true}} {{'a'}}": "<b>Ann</b> raw 1 true 97",
	} {
		h := setup()
		h.walk(t, trigger.Task(text))
		assert.Equal(t, want, h.said(t), "%s", text)
	}
}

func TestWhatATemplateMayNotDo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{{printf "%1000000000d" 1}}`, `{{print 1}}`, `{{println 1}}`, `{{call .Customer.Name}}`, `{{index .Customer.Name 0}}`,
		`{{html .Customer.Name}}`, `{{js .Customer.Name}}`, `{{urlquery .Customer.Name}}`, `{{len .Customer.Name}}`, `{{slice .Customer.Name 1}}`,
		`{{.Customer.Name | printf "%s"}}`, `{{if len .Customer.Name}}x{{end}}`, `{{(len .Customer.Name)}}`,
		`{{if true}}{{if true}}{{else}}{{print 1}}{{end}}{{end}}`, `{{default (print 1) .Customer.Name}}`,
		`{{range .Customer.Name}}x{{end}}`, `{{range 10000000000}}x{{end}}`, `{{range 3}}{{break}}{{end}}`, `{{range 3}}{{continue}}{{end}}`,
		`{{with .Customer.Name}}x{{end}}`, `{{with .Today}}{{else with .Today}}{{end}}`,
		`{{template "x"}}`, `{{template "text"}}`, `{{define "x"}}x{{end}}`, `x{{define "x"}}x{{end}}`, `{{block "x" .}}x{{end}}`,
		`{{$x := 1}}`, `{{$x := 1}}{{$x}}`, `{{$}}`, `{{$.Customer.Name}}`, `{{if $x := 1}}x{{end}}`,
		`{{.}}`, `{{.Customer}}`, `{{.Customer.Field}}`, `{{(.Customer).Name}}`, `{{(.Customer.Name).Size}}`, `{{eq . .}}`, `{{nil}}`, `{{eq nil nil}}`,
		`{{.Customer.Name.String}}`, `{{.Customer.Fields}}`, `{{.Customer.HasTag "x"}}`, `{{.Customer.Field.pet.x}}`, `{{.Customer.Tags}}`,
		`{{.Unknown}}`, `{{.customer.name}}`, `{{.Totals.First}}`, `{{.Cycle.Hand}}`, `{{.Event.Actor}}`, `{{.Today.Year}}`, `{{.Next}}`, `{{.Totals}}`,
		`{{`, `{{}}`, `{{end}}`, `{{if}}x{{end}}`, `{{if true}}x`, `{{nosuch}}`, `{{.Customer.Name`, `{{break}}`,
		// What would only have failed with a customer at hand.
		`{{if gt .Customer.Field.size 18}}x{{end}}`, `{{if ge .Totals.Average 10.5}}x{{end}}`, `{{eq .Customer.Name}}`, `{{lt 1}}`,
		`{{if false}}{{lt .Customer.Name 1}}{{end}}`, `{{if and .Customer.Name (lt .Totals.Count "x")}}x{{end}}`, `{{default "x"}}`,
		`{{default "x" .Totals.Count}}`, `{{.Customer.Name 1}}`, `{{1 2}}`, `{{not}}`,
	} {
		assert.NotEmpty(t, faultsOf(t, text), text)
	}
}

func TestFaultsOfTemplatesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{{printf "x"}}`:     `calls "printf"; allowed are default, eq,`,
		`{{.Customer.Nmae}}`: "unknown field .Customer.Nmae; see trigger.Data",
		`{{.Next}}`:          "unknown field .Next; did you mean .Cycle.Next?",
		`{{.Customer.name}}`: "unknown field .Customer.name; did you mean .Customer.Name or .Event.Name?",
		`{{.today}}`:         "unknown field .today; did you mean .Today?",
		`{{range 3}}{{end}}`: "is not allowed; use text, {{.Field}} and {{if}}",
		`{{$x := 1}}`:        `declares a variable`,
		`{{define "x"}}{{end}}{{define "y"}}y{{end}}`: "defines a template",
		`{{eq .Totals.Count "3"}}`:                    `cannot work out {{eq .Totals.Count "3"}}: `,
		`{{`:                                          "is no template: ",
		" \n":                                         "is empty",
		strings.Repeat("x", 1<<16+1):                  "is longer than 65536 bytes",
	} {
		got := faultsOf(t, text)
		assert.Contains(t, got, want, "%.50s", text)
	}
	got := faultsOf(t, `{{print .A}}{{.B}}{{with .C}}{{end}}`)
	assert.Equal(t, 4, strings.Count(got, "\n"), "all faults of one text: %s", got)
}

func TestTextsAreLimitedInSize(t *testing.T) {
	t.Parallel()
	h := setup()
	h.card.Name = strings.Repeat("n", 1<<15)
	h.walk(t, trigger.Task("{{.Customer.Name}}{{.Customer.Name}}"))
	assert.Len(t, h.said(t), 1<<16)

	h = setup()
	h.card.Name = strings.Repeat("n", 1<<15)
	h.walk(t, trigger.Task("{{.Customer.Name}}{{.Customer.Name}}!"), trigger.Mail("{{.Customer.Name}}{{.Customer.Name}}.", "x"))
	assert.Empty(t, h.deliveries)
	assert.Equal(t, []string{"the text is longer than 65536 bytes", "the text is longer than 65536 bytes"}, h.failures)
}

func TestWhatComesOutEmptyIsNotSent(t *testing.T) {
	t.Parallel()
	h := setup()
	h.walk(t, trigger.Send("sms", "{{if .Customer.Field.nothing}}Hello{{end}} \n"), trigger.Task("after"))
	assert.Equal(t, "after", h.said(t))
	assert.Equal(t, []string{"the text came out empty"}, h.failures)
}

// What a customer is called shows in no error, however it is filled in.
func TestErrorsDoNotQuoteTheCustomer(t *testing.T) {
	t.Parallel()
	h := setup()
	h.card.Name = "SECRET"
	// The one comparison whose types depend on the data.
	h.walk(t, trigger.Task(`{{lt (or .Customer.Name 1) 2}}`))
	assert.Empty(t, h.deliveries)
	assert.Equal(t, []string{"the text of step 0 could not be filled in"}, h.failures)
}

func TestTemplatesShowNothingOfACustomerWithoutAnything(t *testing.T) {
	t.Parallel()
	h := setup()
	h.card, h.data = customer.Customer{ID: "c2"}, trigger.Data{}
	h.walk(t, trigger.Task("[{{.Customer.Email}}{{.Customer.Phone}}{{.Customer.Manager}}{{.Cycle.Next}}{{.Cycle.Stage}}]{{.Totals.Average}}"))
	assert.Equal(t, "[]0", h.said(t))
}

// Parsing and filling in a text never panics, and what comes out never exceeds
// the limit.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{
		"Hello {{.Customer.Name}}", `{{if gt .Totals.Count 2}}a{{else}}b{{end}}`, `{{default "x" .Customer.Field.pet}}`,
		`{{define "x"}}{{template "x"}}{{end}}{{template "x"}}`, `{{define "text"}}x{{end}}`, "{{range 10000000000}}{{end}}", "{{/**/}}", "{{'\\x00'}}",
		`{{printf "%9999999d" 1}}`, "{{- 1e9999 -}}", "{{1i}}{{eq 1i 1i}}", "{{lt (or .Customer.Name 1) 2}}", strings.Repeat("{{if 1}}", 200),
	} {
		f.Add(text, "Ann")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		set, err := trigger.Compile([]trigger.Trigger{
			{ID: "t", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Mail(text, text), trigger.Send("sms", text)}},
		}, names(t))
		if err != nil {
			return
		}
		h := setup()
		h.card.Name = strings.Repeat(name[:min(len(name), 64)], 600) // a few of them are too many
		run := &trigger.Run{ID: "c1/t/1", Trigger: "t"}
		set.Find("t").Walk(run, h)
		require.Equal(t, 2, len(h.deliveries)+len(h.failures), "every step delivers or fails")
		for _, d := range h.deliveries {
			require.LessOrEqual(t, len(d.Text), 1<<16)
			require.NotContains(t, d.Subject, "\n")
		}
		for _, reason := range h.failures {
			require.Contains(t, []string{
				"the text came out empty", "the text is longer than 65536 bytes",
				"the text of step 0 could not be filled in", "the text of step 1 could not be filled in",
			}, reason)
		}
	})
}

func ExampleSend() {
	set, err := trigger.Compile([]trigger.Trigger{{
		ID: "thank",
		On: trigger.Purchase(),
		Steps: []trigger.Step{
			trigger.Send("sms", `{{default "Friend" .Customer.Name}}, thank you for visit {{.Totals.Count}}!`),
		},
	}}, trigger.Names{})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := setup() // what an engine gives the steps to act through
	set.Find("thank").Walk(&trigger.Run{ID: "c1/thank/1", Trigger: "thank"}, h)
	fmt.Println(h.deliveries[0].ID, h.deliveries[0].To, h.deliveries[0].Text)
	// Output:
	// c1/thank/1/0 +49 1 Ann, thank you for visit 3!
}
