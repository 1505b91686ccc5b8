// Package document is the JSON form of definitions: it reads JSON strictly, with
// the path and the line of every fault, writes it in one canonical way, and
// describes it as JSON Schema. All three follow from the Go types, so that they
// cannot disagree.
//
// [Parse] makes a tree of [Node] values of a text. A [Language], which knows the
// types behind interfaces ([Union]), decodes nodes into Go values, encodes
// values, and writes the schema:
//
//   - A struct is an object. Its exported fields carry json tags as for
//     encoding/json; a field with omitzero or omitempty may be left out, every
//     other must be there, and nothing else may be. Embedded structs count as
//     part of the outer one. A doc tag describes the field in the schema.
//   - A field with the tag document:"nonzero" must not be written as zero, where
//     zero stands for something else than nothing.
//   - A struct whose only tagged field has the tag document:"self" is written as
//     that field alone.
//   - An interface is an object with one key, which names the type of its value:
//     {"wait": {"for": "P2D"}}.
//   - A slice is an array; strings, booleans, whole and other numbers are
//     themselves. A whole number is written without fraction and exponent.
//   - What implements encoding.TextMarshaler and TextUnmarshaler is a string. A
//     method DocumentTexts() []string lists the texts there are, for the schema.
//     A type of strings that has it takes no others.
//   - A type that none of this fits implements [Custom].
//
// The nouns of package customer are known. A Period is a text like "P3W", a Date
// "2006-01-02", a TimeOfDay "15:04"; time.Time is RFC 3339; time.Weekday,
// time.Month and Weekdays are names in lower case; a Value is a string, a number,
// a boolean, {"date": "2006-01-02"} or {"instant": "2006-01-02T15:04:05Z"}; a
// Cadence is {"every": "P3W"} or {"on": ["saturday"]}.
//
// Null is nowhere allowed: what is not there is left out. Maps, pointers and
// arrays have no form here.
package document
