package segment

import (
	"maps"
	"slices"
)

// What a document may say where only some texts make sense; see package document.

// DocumentTexts lists the attributes.
func (Attribute) DocumentTexts() []string {
	var texts []string
	for _, a := range slices.Sorted(maps.Keys(attributes)) {
		texts = append(texts, string(a))
	}
	return texts
}

// DocumentTexts lists what a customer can have said.
func (ConsentState) DocumentTexts() []string {
	return []string{string(Granted), string(Denied), string(Unasked)}
}

// DocumentTexts lists the days there are.
func (LeapDay) DocumentTexts() []string { return []string{string(OnFebruary28), string(OnMarch1)} }

func (measure) DocumentTexts() []string {
	var texts []string
	for _, m := range slices.Concat(amounts, intervals) {
		texts = append(texts, string(m))
	}
	return texts
}

func (outcome) DocumentTexts() []string {
	return []string{string(followed), string(notFollowed), string(unanswered)}
}

func (score) DocumentTexts() []string {
	return []string{string(byRecency), string(byFrequency), string(byMoney)}
}
