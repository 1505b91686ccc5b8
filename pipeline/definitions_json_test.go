package pipeline_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/trigger"
)

var update = flag.Bool("update", false, "write the golden files anew")

func document(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "definitions", name))
	require.NoError(t, err)
	return string(text)
}

// golden compares got with a file, or writes the file where -update is given.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join("testdata", "definitions", name), []byte(got), 0o644))
	}
	assert.Equal(t, document(t, name), got, "if that is meant, run go test -update and read the diff")
}

// everything.json uses every construct there is.
func TestDefinitionsInJSON(t *testing.T) {
	t.Parallel()
	d, err := pipeline.ParseDefinitions([]byte(document(t, "everything.json")))
	require.NoError(t, err)
	written, err := d.MarshalJSON()
	require.NoError(t, err)
	golden(t, "everything.canonical.json", string(written)+"\n")
	again, err := pipeline.ParseDefinitions(written)
	require.NoError(t, err)
	assert.Equal(t, d, again)

	var read pipeline.Definitions
	indirect, err := json.Marshal(map[string]any{"d": d})
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(indirect, &struct{ D *pipeline.Definitions }{&read}))
	assert.Equal(t, d, read, "through encoding/json")
	assert.JSONEq(t, string(indirect), `{"d": `+string(written)+`}`)
}

// faulty.json has a fault on most of its lines.
func TestFaultsOfDefinitionsInJSON(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"unreadable", "faulty"} {
		d, err := pipeline.ParseDefinitions([]byte(document(t, name+".json")))
		require.ErrorIs(t, err, customer.ErrDefinition)
		assert.Zero(t, d)
		golden(t, name+".txt", err.Error()+"\n")
	}
	for text, want := range map[string]string{
		"":                                 "line 1: document: is no JSON: the end stands where a value belongs",
		"{}":                               "line 1: version: is missing; it is required",
		"null":                             "line 1: document: is null; leave out what is not there",
		`{"version": 2}`:                   "line 1: version: is 2; this library reads version 1",
		`{"version": "1"}`:                 "line 1: version: is a string, not a number",
		"{\"version\": 1,\n\"pipes\": []}": `line 2: pipes: is no key here; known are "pipelines", `,
	} {
		_, err := pipeline.ParseDefinitions([]byte(text))
		require.ErrorContains(t, err, want)
		if json.Valid([]byte(text)) {
			before := of(nails())
			require.ErrorContains(t, before.UnmarshalJSON([]byte(text)), want)
			assert.Equal(t, of(nails()), before, "a fault changes nothing")
		}
	}
	require.Error(t, new(pipeline.Definitions).UnmarshalJSON(nil))
}

func TestReadingJSONIsNotChecking(t *testing.T) {
	t.Parallel()
	text := `{"version": 1, "pipelines": [{"id": "", "stages": []}]}`
	var d pipeline.Definitions
	require.NoError(t, json.Unmarshal([]byte(text), &d))
	require.Len(t, paths(d.Validate()), 2)
	_, err := pipeline.ParseDefinitions([]byte(text))
	require.Len(t, paths(err), 2)
}

func TestDefinitionsThatAreEqualAreWrittenTheSame(t *testing.T) {
	t.Parallel()
	bare, empty := of(nails()), of(nails())
	empty.Segments, empty.Triggers = empty.Segments[:0:0], []trigger.Trigger{}
	empty.Pipelines[0].Takes.Categories = []string{}
	a, err := json.Marshal(bare)
	require.NoError(t, err)
	b, err := json.Marshal(&empty)
	require.NoError(t, err)
	assert.Equal(t, string(a), string(b))
	none, err := json.Marshal(pipeline.Definitions{})
	require.NoError(t, err)
	assert.Equal(t, `{"version":1}`, string(none))
}

func TestWhatHasNoJSONIsAFaultOfTheDefinitions(t *testing.T) {
	t.Parallel()
	d := of(nails(), trigger.Trigger{ID: "t", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Tag("a"), trigger.Tag("\xff")}})
	err := d.Validate()
	require.EqualError(t, err, "triggers[0].steps[1].tag: is not UTF-8 text")
	require.ErrorIs(t, err, customer.ErrDefinition)
	d = of(nails(func(p *pipeline.Pipeline) { p.Stages[1].From = pipeline.Start{} }))
	_, err = d.MarshalJSON()
	require.ErrorContains(t, err, "pipelines[0].stages[1].from: is empty; say when the stage begins")
}

func TestWhatDiffersHasAnotherVersion(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, step := range []trigger.Step{trigger.Tag("x"), trigger.Untag("x"), trigger.Assign("x"), trigger.Task("x"), trigger.Wait(customer.Days(1)), trigger.Stop()} {
		version, err := of(nails(), trigger.Trigger{ID: "t", On: trigger.Purchase(), Steps: []trigger.Step{step}}).Version()
		require.NoError(t, err)
		assert.False(t, seen[version], "%v", step)
		seen[version] = true
	}
}

// Whatever the model can draw comes back as it was, and fits the schema.
func TestEveryDefinitionSurvivesItsJSON(t *testing.T) {
	t.Parallel()
	s := schema(t)
	rapid.Check(t, func(r *rapid.T) {
		w := maker{r}.world()
		d := w.definitions()
		written, err := d.MarshalJSON()
		require.NoError(r, err)
		got, err := pipeline.ParseDefinitions(written)
		require.NoError(r, err)
		again, err := got.MarshalJSON()
		require.NoError(r, err)
		require.Equal(r, string(written), string(again))
		require.NoError(r, fits(s, string(written)))
	})
}

const schemaFile = "definitions.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(schemaFile)
	require.NoError(t, err)
	return s
}

func fits(s *jsonschema.Schema, text string) error {
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

func TestSchemaIsNotStale(t *testing.T) {
	t.Parallel()
	want, err := pipeline.DefinitionsSchema()
	require.NoError(t, err)
	got, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "run go generate ./pipeline")
}

func TestSchemaTellsWhatIsNoDefinition(t *testing.T) {
	t.Parallel()
	s := schema(t)
	require.NoError(t, fits(s, document(t, "everything.json")))
	require.NoError(t, fits(s, document(t, "everything.canonical.json")))
	require.NoError(t, fits(s, document(t, "faulty.json")), "it is made of the right things")
	require.Error(t, fits(s, document(t, "unreadable.json")))
	for _, text := range []string{
		`{}`, `{"version": 2}`, `{"version": 1, "pipes": []}`, `{"version": 1, "pipelines": {}}`,
		`{"version": 1, "pipelines": [{"id": "a"}]}`,
		`{"version": 1, "pipelines": [{"id": "a", "stages": [{"id": "b", "from": {"at_next": "P1D"}}]}]}`,
		`{"version": 1, "pipelines": [{"id": "a", "stages": [{"id": "b", "from": {"at_next": {}, "after_next": "P1D"}}]}]}`,
		`{"version": 1, "segments": [{"id": "a"}]}`,
		`{"version": 1, "segments": [{"id": "a", "enter": {"bought": {}}}]}`,
		`{"version": 1, "triggers": [{"id": "a", "on": {"purchase": {"pipeline": "x"}}, "steps": []}]}`,
		`{"version": 1, "triggers": [{"id": "a", "on": {"purchase": {}}, "steps": [{"send": {"text": "x"}}]}]}`,
		`{"version": 1, "triggers": [{"id": "a", "on": {"purchase": {}}, "steps": [], "limit": "twice"}]}`,
	} {
		assert.Error(t, fits(s, text), text)
		assert.Error(t, new(pipeline.Definitions).UnmarshalJSON([]byte(text)), text)
	}
}

// Every key of the schema is used by everything.json, so that it can be relied
// on to show them all.
func TestEverythingUsesEveryKey(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	var s any
	require.NoError(t, json.Unmarshal(text, &s))
	shown := document(t, "everything.json")
	properties(s, func(key string) {
		assert.Contains(t, shown, `"`+key+`":`)
	})
}

func properties(schema any, do func(key string)) {
	switch schema := schema.(type) {
	case []any:
		for _, one := range schema {
			properties(one, do)
		}
	case map[string]any:
		for key, inside := range schema {
			if of, ok := inside.(map[string]any); ok && key == "properties" {
				for name := range of {
					do(name)
				}
			}
			properties(inside, do)
		}
	}
}

func FuzzParseDefinitions(f *testing.F) {
	for _, name := range []string{"everything.json", "faulty.json", "unreadable.json"} {
		for part := range parts(f, document(f, name)) {
			f.Add(part)
		}
	}
	f.Add(`{"version":1,"triggers":[{"id":"a","on":{"before_date":{"field":"x","at":"00:00"}},"steps":[{"wait_at":{"at":"00:00"}}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var d pipeline.Definitions
		if err := d.UnmarshalJSON([]byte(text)); err != nil {
			require.ErrorIs(t, err, customer.ErrDefinition)
			return
		}
		written, err := d.MarshalJSON()
		require.NoError(t, err)
		var again pipeline.Definitions
		require.NoError(t, again.UnmarshalJSON(written))
		require.Equal(t, d, again)
		twice, err := again.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, string(written), string(twice))
		_, checked := pipeline.ParseDefinitions([]byte(text))
		_, err = pipeline.ParseDefinitions(written)
		require.Equal(t, checked == nil, err == nil, "%v, %v", checked, err)
	})
}

// parts yields documents of one definition each: the fuzzer gets on faster with
// small ones.
func parts(t testing.TB, text string) iter.Seq[string] {
	t.Helper()
	var whole struct{ Pipelines, Segments, Triggers []json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(text), &whole))
	return func(yield func(string) bool) {
		for key, list := range map[string][]json.RawMessage{
			"pipelines": whole.Pipelines, "segments": whole.Segments, "triggers": whole.Triggers,
		} {
			for _, one := range list {
				if !yield(fmt.Sprintf(`{"version": 1, %q: [%s]}`, key, one)) {
					return
				}
			}
		}
	}
}

// What json.Marshal writes of a definition, json.Unmarshal reads, and strictly.
func TestEachDefinitionGoesThroughJSON(t *testing.T) {
	t.Parallel()
	d, err := pipeline.ParseDefinitions([]byte(document(t, "everything.json")))
	require.NoError(t, err)
	for _, p := range d.Pipelines {
		throughJSON(t, p)
		throughJSON(t, p.Stages[0].From)
	}
	for _, s := range d.Segments {
		throughJSON(t, s)
	}
	for _, tr := range d.Triggers {
		throughJSON(t, tr)
		throughJSON(t, tr.On)
	}
}

func throughJSON[T any](t *testing.T, v T) {
	t.Helper()
	written, err := json.Marshal(v)
	require.NoError(t, err)
	var read T
	require.NoError(t, json.Unmarshal(written, &read), "%s", written)
	assert.Equal(t, v, read)
	assert.ErrorIs(t, json.Unmarshal([]byte(`{"nose": 1}`), &read), customer.ErrDefinition)
	assert.Equal(t, v, read, "a fault leaves it as it was")
}
