package pipeline

import (
	"github.com/regulars-go/regulars/customer/document"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

//go:generate go run ./internal/schema

// language is that of definitions.
var language = document.NewLanguage(append(segment.Unions(), trigger.Union())...)

// versioned is the document that holds definitions.
type versioned struct {
	Version version `json:"version" doc:"the version of this format"`
	Definitions
}

// ParseDefinitions reads definitions from JSON and checks them as
// [Definitions.Validate] does. Every fault is told, each a
// *customer.DefinitionError with path and line; those of the text come first,
// and alone.
//
//	{
//		"version": 1,
//		"pipelines": [{
//			"id": "nails",
//			"cadence": {"every": "P3W"},
//			"stages": [
//				{"id": "thank", "from": {"since_purchase": "P0D"}},
//				{"id": "remind", "from": {"before_next": "P3D"}}
//			]
//		}],
//		"segments": [{"id": "asleep", "enter": {"moment": {"of": {"last_purchase": {}}, "is": {"ago": "P60D"}}}}],
//		"triggers": [{
//			"id": "remind",
//			"on": {"stage_entered": {"pipeline": "nails", "stage": "remind"}},
//			"steps": [{"send": {"channel": "sms", "text": "Shall we keep your place?"}}]
//		}]
//	}
//
// The file definitions.schema.json of this package describes the rest; see also
// [DefinitionsSchema].
func ParseDefinitions(data []byte) (Definitions, error) {
	n, err := document.Parse(data)
	if err != nil {
		return Definitions{}, err
	}
	var read versioned
	if err := language.Decode(n, &read); err != nil {
		return Definitions{}, err
	}
	if err := n.Locate(read.Definitions.Validate()); err != nil {
		return Definitions{}, err
	}
	return read.Definitions, nil
}

// MarshalJSON writes the definitions as a document in the one canonical form:
// equal definitions give equal texts, and what need not be said is left out.
func (d Definitions) MarshalJSON() ([]byte, error) {
	return language.Encode(versioned{Definitions: d})
}

// UnmarshalJSON reads a document as strictly as [ParseDefinitions] does. Whether
// what it defines makes sense is for [Definitions.Validate] to say, or for [New].
func (d *Definitions) UnmarshalJSON(data []byte) error {
	n, err := document.Parse(data)
	if err != nil {
		return err
	}
	var read versioned
	if err := language.Decode(n, &read); err != nil {
		return err
	}
	*d = read.Definitions
	return nil
}

// DefinitionsSchema returns the JSON Schema (draft 2020-12) of the documents that
// [ParseDefinitions] reads, for editors and for those who write documents by
// program. It is the file definitions.schema.json of this package.
func DefinitionsSchema() ([]byte, error) {
	return language.Schema(versioned{}, schemaID, "Definitions of regulars")
}

const schemaID = "https://github.com/regulars-go/regulars/blob/main/pipeline/definitions.schema.json"

// version is the version of the format, of which there is one.
type version struct{}

func (version) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

// DecodeDocument faults every version but the first.
func (version) DecodeDocument(d *document.Decoder, n *document.Node) {
	var v int64
	if d.Value(n, &v) && v != 1 {
		d.Fault(n, "is %d; this library reads version 1", v)
	}
}

// DescribeDocument describes the one version there is.
func (version) DescribeDocument(*document.Describer) map[string]any {
	return map[string]any{"const": 1}
}
