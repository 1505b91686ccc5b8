package document_test

import (
	"fmt"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
)

// A rule is one of several types. Each says how it is written by its json tags.
type rule interface{ rule() }

type (
	bought struct {
		Category string          `json:"category"`
		Within   customer.Period `json:"within,omitzero"`
	}
	not struct {
		Of rule `document:"self"`
	}
)

func (bought) rule() {}
func (not) rule()    {}

func Example() {
	rules := document.NewLanguage(document.UnionOf[rule](
		document.Case{Key: "bought", Value: bought{}, Doc: "Bought something of the category."},
		document.Case{Key: "not", Value: not{}, Doc: "The rule inside is false."},
	))

	n, _ := document.Parse([]byte(`{"not": {"bought": {"category": "cakes", "within": "P3W"}}}`))
	var r rule
	fmt.Println(rules.Decode(n, &r), r)
	text, _ := rules.Encode(&r)
	fmt.Println(string(text))

	n, _ = document.Parse([]byte("{\n  \"not\": {\n    \"bougth\": {}\n  }\n}"))
	fmt.Println(rules.Decode(n, &r))
	// Output:
	// <nil> {{cakes P3W}}
	// {"not":{"bought":{"category":"cakes","within":"P3W"}}}
	// line 3: not.bougth: is no known rule; known are "bought", "not"
}
