package segment_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
	"github.com/regulars-go/regulars/segment"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestEveryPredicateComesBackAsItWas(t *testing.T) {
	t.Parallel()
	for _, p := range oneOfEach() {
		text, err := segment.MarshalPredicate(p)
		require.NoError(t, err, "%v", p)
		read, err := segment.ParsePredicate(text)
		require.NoError(t, err, "%s", text)
		assert.Equal(t, p, read)
		again, err := segment.MarshalPredicate(read)
		require.NoError(t, err)
		assert.Equal(t, string(text), string(again))
	}
}

// The golden file has one of each, a line each, as Marshal writes it.
func TestPredicatesAreWrittenAsTheyAlwaysWere(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, p := range oneOfEach() {
		text, err := segment.MarshalPredicate(p)
		require.NoError(t, err)
		lines = append(lines, "  "+string(text))
	}
	text := "[\n" + strings.Join(lines, ",\n") + "\n]\n"
	require.True(t, json.Valid([]byte(text)))
	golden(t, "predicates.json", text)
}

// What oneOfEach does not have is not proved by the tests that use it.
func TestThereIsOneOfEach(t *testing.T) {
	t.Parallel()
	language := document.NewLanguage(segment.Unions()...)
	schema, err := language.Schema((*segment.Predicate)(nil), "x", "x")
	require.NoError(t, err)
	var known struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(schema, &known))
	var text bytes.Buffer
	for _, p := range oneOfEach() {
		one, err := segment.MarshalPredicate(p)
		require.NoError(t, err)
		text.Write(one)
	}
	require.NotEmpty(t, known.Defs)
	for name, def := range known.Defs {
		for key := range def.Properties {
			assert.Contains(t, text.String(), `"`+key+`":`, name)
		}
	}
}

func TestWhatIsNoPredicate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		line int
		path string
		want string
	}{
		{`{"al": []}`, 1, "al", `is no known predicate; known are "all"`},
		{"{\"all\": [\n{\"tags\": {\"any\": [\"a\"]}}]}", 2, "all[0].tags.any", `is no key here; known are "any_of"`},
		{"{\"not\":\n {}}", 2, "not", "has 0 keys; exactly one names the predicate"},
		{`{"all": [], "any": []}`, 1, "", "has 2 keys; exactly one names the predicate"},
		{`{"all": null}`, 1, "all", "is null"},
		{`{"not": null}`, 1, "not", "is null"},
		{`[]`, 1, "", "is an array, not an object"},
		{`{"all": {}}`, 1, "all", "is an object, not an array"},
		{`{"some": {"of": []}}`, 1, "some.n", "is missing"},
		{`{"some": {"n": 1.5, "of": []}}`, 1, "some.n", "not a whole number"},
		{"{\"card\": {\"attribute\": \"name\",\n\"is\": {\"eq\": \"a\"}}}", 2, "card.is", `unknown comparison "eq"; use one of equal, not_equal`},
		{`{"card": {"attribute": "name", "is": {}}}`, 1, "card.is", "is no comparison"},
		{`{"card": {"attribute": "name", "is": {"equal": "a", "less": "b"}}}`, 1, "card.is", "is no comparison"},
		{`{"card": {"attribute": "name", "is": "a"}}`, 1, "card.is", "is no comparison"},
		{`{"card": {"attribute": "name", "is": {"equal": 1}}}`, 1, "card.is.equal", "is a number, not a string"},
		{`{"card": {"attribute": "name", "is": {"one_of": "a"}}}`, 1, "card.is.one_of", "is a string, not an array"},
		{`{"card": {"attribute": "name", "is": {"one_of": []}}}`, 1, "card.is.one_of", "one of nothing"},
		{"{\"card\": {\"attribute\": \"name\", \"is\": {\"one_of\": [\"a\",\n2]}}}", 2, "card.is.one_of[1]", "is a number, not a string"},
		{`{"card": {"attribute": "name", "is": {"between": ["a"]}}}`, 1, "card.is.between", "between 1 values"},
		{`{"purchases": {"measure": "count", "is": {"contains": 1}}}`, 1, "purchases.is", `unknown comparison "contains"; use one of equal`},
		{`{"purchases": {"measure": "count", "is": {"equal": "1"}}}`, 1, "purchases.is.equal", "is a string, not a number"},
		{`{"purchase_interval": {"measure": "mean_interval", "is": {"prefix": "P1D"}}}`, 1, "purchase_interval.is", `unknown comparison "prefix"`},
		{`{"purchases": {"measure": "count", "within": "3 days", "is": {"equal": 1}}}`, 1, "purchases.within", "period"},
		{`{"purchases": {"measure": "count", "from": "2026-02-30", "is": {"equal": 1}}}`, 1, "purchases.from", "no day of the calendar"},
		{`{"moment": {"of": {"birth": {}}, "is": {"known": true}}}`, 1, "moment.of.birth", "is no known source; known are"},
		{`{"moment": {"of": {"created": {}}, "is": {"since": "P1D"}}}`, 1, "moment.is.since", "is no known question; known are"},
		{`{"moment": {"of": {"created": {}}}}`, 1, "moment.is", "is missing"},
		{`{"sequence": {"first": {"event": {}}, "then": {"purchase": {}}, "is": "followed"}}`, 1, "sequence.first.event", "is no known happening"},
		{`{"weekday": ["someday"]}`, 1, "weekday[0]", "is no day of the week"},
		{`{"month": ["may", 5]}`, 1, "month[1]", "is a number, not a string"},
		{`{"share": {"salt": "a", "from": 0, "to": "1"}}`, 1, "share.to", "is a string, not a number"},
		{`{"purchases": {"within": "P0D", "measure": "count", "is": {"equal": 1}}}`, 1, "purchases.within", "is nothing; give it a length"},
		{`{"segment": {"id": "vip"}}`, 1, "segment", "is an object, not a string"},
		{`{"all": []} x`, 1, "", "behind its end"},
	} {
		p, err := segment.ParsePredicate([]byte(tt.text))
		assert.Nil(t, p)
		var fault *customer.DefinitionError
		require.ErrorAs(t, err, &fault, tt.text)
		assert.Equal(t, tt.path, fault.Path, tt.text)
		assert.Equal(t, tt.line, fault.Line, tt.text)
		assert.Contains(t, fault.Fault, tt.want, tt.text)
	}
}

func TestAllFaultsOfATextAreTold(t *testing.T) {
	t.Parallel()
	_, err := segment.ParsePredicate([]byte(`{"all": [{"tagged": 1}, {"segment": 2}, {"month": ["x"]}]}`))
	var all interface{ Unwrap() []error }
	require.ErrorAs(t, err, &all)
	assert.Len(t, all.Unwrap(), 3)
	for _, one := range all.Unwrap() {
		assert.ErrorIs(t, one, customer.ErrDefinition)
	}
}

// A fault that compiling finds stands at the place where the document has it.
func TestFaultsOfCompilingAreFoundInTheDocument(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, tt := range faulty() {
		text, err := segment.MarshalPredicate(tt.of)
		if err != nil {
			continue // what has no form in JSON
		}
		n, err := document.Parse(text)
		require.NoError(t, err)
		path := strings.TrimPrefix(tt.path, ".")
		if parent, name, ok := cutLast(path); ok && !strings.Contains(string(text), `"`+name+`":`) {
			path = parent // what is missing
		}
		assert.Equal(t, path, n.Find(path).Path(), "%s", text)
		checked++
	}
	assert.Greater(t, checked, 50)
}

func cutLast(path string) (parent, name string, ok bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

// Some names are known only where a predicate is compiled.
func TestNamesThatNobodyKnows(t *testing.T) {
	t.Parallel()
	for text, path := range map[string]string{
		`{"purchases": {"measure": "sum", "is": {"equal": 1}}}`:                                                "purchases.measure",
		`{"purchases": {"measure": "mean_interval", "is": {"equal": 1}}}`:                                      "purchases.measure",
		`{"purchase_interval": {"measure": "count", "is": {"equal": "P1D"}}}`:                                  "purchase_interval.measure",
		`{"rfm": {"scale": {"money": [1]}, "score": "luck", "is": {"equal": 1}}}`:                              "rfm.score",
		`{"sequence": {"first": {"activity": {"name": "a"}}, "then": {"purchase": {}}, "is": "skipped"}}`:      "sequence.is",
		`{"tags": {"any_of": ["a"], "all_of": ["b"]}}`:                                                         "tags",
		`{"empty": {"attribute": "name", "field": "x"}}`:                                                       "empty",
		`{"anniversary": {"of": {"created": {}}, "leap": "february_29"}}`:                                      "anniversary.leap",
		`{"moment": {"of": {"created": {}}, "is": {"between": {"from": "2026-02-01", "to": "2026-01-01"}}}}`:   "moment.is.between.to",
		`{"activities": {"name": "a", "where": [{"name": "x", "is": {"less": true}}], "count": {"equal": 1}}}`: "activities.where[0].is",
		`{"consent": {"channel": "sms", "is": "perhaps"}}`:                                                     "consent.is",
	} {
		p, err := segment.ParsePredicate([]byte(text))
		if fault := new(customer.DefinitionError); errors.As(err, &fault) { // of which there are only some
			assert.Equal(t, path, fault.Path, text)
			continue
		}
		got := faults(t, segment.Segment{ID: "s", Enter: p})
		assert.Len(t, got, 1, "%s: %v", text, got)
		assert.Contains(t, got, "segments[0].enter."+path, text)
	}
}

func TestWhatHasNoFormInJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		of         segment.Predicate
		path, want string
	}{
		{nil, "", "is nil; a predicate is required"},
		{segment.All(segment.HasTag("a"), nil), "all[1]", "is nil; a predicate is required"},
		{segment.Spent(0, 1), "purchases.is", "unknown comparison 0"},
		{segment.Spent(segment.Equal), "purchases.is", "0 values"},
		{segment.Moment{}.Known(true), "moment.of", "is nil"},
		{segment.PurchasedWithin(customer.Days(-1)), "moment.is.within", "negative"},
		{segment.HasTag("\xff"), "tags.any_of[0]", "is not UTF-8"},
		{segment.Created().Before(customer.Date{}), "moment.is.before", "does not exist"},
	} {
		text, err := segment.MarshalPredicate(tt.of)
		assert.Nil(t, text)
		var fault *customer.DefinitionError
		require.ErrorAs(t, err, &fault)
		assert.Equal(t, tt.path, fault.Path)
		assert.Contains(t, fault.Fault, tt.want)
	}
}

func TestASegmentIsWrittenAsInADocument(t *testing.T) {
	t.Parallel()
	s := segment.Segment{ID: "vip", Name: "VIPs", Enter: segment.HasTag("a"), Exit: segment.HasTag("b"), Stay: customer.Days(7)}
	text, err := json.Marshal(s)
	require.NoError(t, err)
	assert.Equal(t, `{"id":"vip","name":"VIPs","enter":{"tags":{"any_of":["a"]}},"exit":{"tags":{"any_of":["b"]}},"stay":"P7D"}`, string(text))
	text, err = json.Marshal(segment.Segment{ID: "all", Enter: segment.All()})
	require.NoError(t, err)
	assert.Equal(t, `{"id":"all","enter":{"all":[]}}`, string(text))
}

func TestDeepRulesAreFaultedNotFollowed(t *testing.T) {
	t.Parallel()
	deep := segment.HasTag("a")
	for range 100_000 {
		deep = segment.Not(deep)
	}
	assert.Len(t, deep.String(), 100_000*len("not ()")+len(`tagged "a"`))
	_, err := segment.Compile([]segment.Segment{{ID: "s", Enter: deep}}, segment.Names{})
	require.ErrorContains(t, err, "stands in 1000 other predicates")
	_, err = segment.MarshalPredicate(deep)
	require.ErrorContains(t, err, "deeper than 1000")
	_, err = segment.ParsePredicate([]byte(strings.Repeat(`{"not":`, 100_000)))
	require.ErrorContains(t, err, "deeper than 1000")
}

// FuzzParsePredicate: what can be read can be written, comes back the same, and
// can be compiled and asked without harm.
func FuzzParsePredicate(f *testing.F) {
	for _, p := range oneOfEach() {
		text, err := segment.MarshalPredicate(p)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := segment.ParsePredicate(text)
		if err != nil {
			require.True(t, errors.Is(err, customer.ErrDefinition), "%v", err)
			return
		}
		written, err := segment.MarshalPredicate(p)
		require.NoError(t, err)
		again, err := segment.ParsePredicate(written)
		require.NoError(t, err)
		require.Equal(t, p, again)
		s := segment.Segment{ID: "s", Enter: p}
		set, err := segment.Compile([]segment.Segment{s, {ID: "vip", Enter: segment.HasTag("vip")}}, anyStage)
		if err != nil {
			require.True(t, errors.Is(err, customer.ErrDefinition), "%v", err)
			return
		}
		w := bought(zone(t, "Europe/Berlin"), utc("2026-01-01 00:00"), utc("2026-02-01 00:00"))
		var facts segment.Facts
		w.facts(&facts, utc("2026-02-02 00:00"))
		e, ok := set.Explain("s", &facts, nil)
		require.True(t, ok)
		_, err = json.Marshal(e)
		require.NoError(t, err)
	})
}

// What is written can be read, however deep it is.
func TestWhatIsWrittenIsNeverTooDeepToBeRead(t *testing.T) {
	t.Parallel()
	p := segment.Field("x", segment.OneOf, customer.DateValue(2026, 1, 1))
	faulty := 0
	for depth := range 999 {
		if p = segment.Not(p); depth < 985 {
			continue
		}
		text, err := segment.MarshalPredicate(p)
		if err != nil {
			assert.ErrorContains(t, err, "deeper than 1000")
			faulty++
			continue
		}
		_, err = segment.ParsePredicate(text)
		require.NoError(t, err, "%d", depth)
	}
	assert.Positive(t, faulty)
	assert.Less(t, faulty, 10)
}
