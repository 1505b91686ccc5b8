package document_test

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const schemaID = "https://example.com/order.json"

// schema returns the schema of an order, compiled.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := bar.Schema(order{}, schemaID, "An order")
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource(schemaID, doc))
	s, err := c.Compile(schemaID)
	require.NoError(t, err)
	return s
}

func fits(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	return s.Validate(v)
}

func TestSchemaTakesWhatIsWritten(t *testing.T) {
	t.Parallel()
	s := schema(t)
	require.NoError(t, fits(t, s, everything))
	o, err := read[order](everything)
	require.NoError(t, err)
	written, err := bar.Encode(o)
	require.NoError(t, err)
	require.NoError(t, fits(t, s, string(written)))
	for _, text := range []string{
		`{"guest": "x"}`, `{"guest": "x", "value": {"instant": "2026-01-31T09:30:00.5+02:00"}}`,
		`{"guest": "x", "within": "PT0.5S"}`, `{"guest": "x", "within": "P0D"}`,
	} {
		require.NoError(t, fits(t, s, text))
		_, err := read[order](text)
		require.NoError(t, err)
	}
}

func TestSchemaRefusesWhatIsNotRead(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, text := range []string{
		`1`, `null`, `[]`, `{}`,
		`{"guest": "x", "cent": 1}`, `{"guest": 1}`, `{"guest": null}`,
		`{"guest": "x", "cents": "1"}`, `{"guest": "x", "cents": 1.5}`, `{"guest": "x", "chairs": -1}`, `{"guest": "x", "chairs": 256}`,
		`{"guest": "x", "small": 128}`, `{"guest": "x", "small": -129}`, `{"guest": "x", "cents": 9223372036854775808}`,
		`{"guest": "x", "notes": [1]}`, `{"guest": "x", "notes": {}}`, `{"guest": "x", "share": "1"}`,
		`{"guest": "x", "drink": {}}`, `{"guest": "x", "drink": {"ta": {}}}`, `{"guest": "x", "drink": {"tea": {"a": 1}}}`,
		`{"guest": "x", "drink": {"tea": {}, "named": "x"}}`, `{"guest": "x", "drink": {"glass": {}}}`,
		`{"guest": "x", "drink": {"mixed": [{"without": {"cola": {}}}]}}`,
		`{"guest": "x", "size": "huge"}`, `{"guest": "x", "mark": [1]}`, `{"guest": "x", "mark": ["1", {"tea": {}}]}`,
		`{"guest": "x", "within": "P"}`, `{"guest": "x", "within": "PT"}`, `{"guest": "x", "within": "P1DT"}`,
		`{"guest": "x", "within": "3W"}`, `{"guest": "x", "within": "P1D1M"}`,
		`{"guest": "x", "day": "31.1.2026"}`, `{"guest": "x", "day": "2026-02-29"}`, `{"guest": "x", "at": "24:00"}`, `{"guest": "x", "at": "9:30"}`,
		`{"guest": "x", "open": ["monday", "monday"]}`, `{"guest": "x", "open": ["Monday"]}`, `{"guest": "x", "months": ["juni"]}`,
		`{"guest": "x", "since": "2026-01-31"}`, `{"guest": "x", "value": []}`, `{"guest": "x", "value": {}}`,
		`{"guest": "x", "value": {"day": "2026-01-31"}}`, `{"guest": "x", "value": {"date": 5}}`,
		`{"guest": "x", "cadence": {}}`, `{"guest": "x", "cadence": {"on": []}}`, `{"guest": "x", "cadence": {"every": 5}}`,
		`{"guest": "x", "cadence": {"every": "P1D", "on": ["monday"]}}`,
		`{"guest": "x", "of": {"SKUs": []}}`, `{"guest": "x", "inside": [{"nr": 1}]}`,
	} {
		assert.Error(t, fits(t, s, text), text)
		_, err := read[order](text)
		assert.Error(t, err, text)
	}
}

func TestSchemaShowsWhatThingsMean(t *testing.T) {
	t.Parallel()
	text, err := bar.Schema(&order{}, schemaID, "An order <of> drinks")
	require.NoError(t, err)
	for _, want := range []string{
		`"$schema": "https://json-schema.org/draft/2020-12/schema"`, `"$id": "` + schemaID + `"`, `"title": "An order <of> drinks"`,
		`"description": "What the kitchen should know."`, `"description": "A pot of tea."`, `"description": "The table's number."`,
		`"$ref": "#/$defs/document_test.drink"`, `"document_test.drink": {`, `"customer.Filter": {`,
	} {
		assert.Contains(t, string(text), want)
	}
	again, err := bar.Schema(order{}, schemaID, "An order <of> drinks")
	require.NoError(t, err)
	assert.Equal(t, string(text), string(again))
}
