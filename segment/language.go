package segment

import "github.com/regulars-go/regulars/customer/document"

// predicates are the cases of Predicate.
var predicates = []struct {
	of  Predicate
	doc string
}{
	{all(nil), "true where every one of the predicates is"},
	{anyOf(nil), "true where at least one of the predicates is"},
	{some{}, "true where at least n of the predicates are"},
	{not{}, "true where the predicate is false"},
	{card{}, "compares an attribute of the card with texts"},
	{sourcePart{}, "compares one part of what brought the customer here first"},
	{field{}, "compares a custom field of the card with values"},
	{empty{}, "true where the card does not have an attribute, or a custom field"},
	{tagged{}, "asks which tags the customer has"},
	{consent{}, "asks what the customer said to being reached over a channel"},
	{customers(nil), "true of the customers of a list that is kept by hand"},
	{chance{}, "true of a share of all customers that is drawn by chance, for good"},
	{moment{}, "compares an instant of the customer's life with the present, or with days"},
	{anniversary{}, "true around the days on which a moment comes again every year"},
	{weekday{}, "true on these days of the week, in the customer's zone"},
	{month{}, "true in these months, in the customer's zone"},
	{purchases{}, "compares a number or an amount reckoned of purchases"},
	{purchaseInterval{}, "compares the time between purchases"},
	{lapsed{}, "true once a multiple of the customer's own median interval has passed without a purchase"},
	{rfm{}, "compares a score of recency, frequency or money"},
	{activities{}, "compares how many activities there are"},
	{sequence{}, "asks whether one thing was followed by another"},
	{inPipeline(""), "true of customers who have a cycle in the pipeline"},
	{inStage{}, "true of customers who are in one of the stages"},
	{cycleNumber{}, "compares the number of the customer's cycle"},
	{closed{}, "true of customers whose cycle is over"},
	{in(""), "true of the members of another segment"},
}

// Unions tells package document what stands behind the interfaces of this
// package, for whoever reads documents that have predicates in them.
func Unions() []document.Union {
	var of, moments, asks, happens []document.Case
	for _, p := range predicates {
		of = append(of, document.Case{Key: p.of.key(), Value: p.of, Doc: p.doc})
	}
	for _, s := range sources {
		moments = append(moments, document.Case{Key: s.key(), Value: s})
	}
	for _, t := range tests {
		asks = append(asks, document.Case{Key: t.key(), Value: t})
	}
	for _, h := range happenings {
		happens = append(happens, document.Case{Key: h.key(), Value: h})
	}
	return []document.Union{
		document.UnionOf[Predicate](of...), document.UnionOf[source](moments...),
		document.UnionOf[question](asks...), document.UnionOf[happening](happens...),
	}
}

var language = document.NewLanguage(Unions()...)

// ParsePredicate reads a predicate from JSON, strictly: every fault is told, each
// a *customer.DefinitionError with path and line. What a predicate refers to is
// checked where it is compiled.
func ParsePredicate(data []byte) (Predicate, error) {
	n, err := document.Parse(data)
	if err != nil {
		return nil, err
	}
	var p Predicate
	err = language.Decode(n, &p)
	return p, err
}

// MarshalPredicate writes a predicate as JSON.
func MarshalPredicate(p Predicate) ([]byte, error) { return language.Encode(&p) }
