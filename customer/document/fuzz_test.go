package document_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
)

// What Parse reads, encoding/json reads as the same; what Parse alone refuses,
// it refuses for one of its own reasons.
func FuzzParse(f *testing.F) {
	f.Add([]byte(everything))
	for _, text := range []string{`[1,]`, `{"a":1,"a":2}`, `"\ud83d\ude00\ud83d"`, "\"\xff\"", "[\n01]", `-0.0e+1`, `{"a b":[{"":null}]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := document.Parse(data)
		if err != nil {
			require.ErrorIs(t, err, customer.ErrDefinition)
			if json.Valid(data) && utf8.Valid(data) {
				assert.Regexp(t, "given twice|half a character|deeper than", err.Error())
			}
			return
		}
		require.True(t, json.Valid(data))
		require.True(t, utf8.Valid(data))
		var want any
		if json.Unmarshal(data, &want) == nil { // a number may be too large for it
			same(t, want, n)
		}
		visit(n, func(one *document.Node) {
			require.Positive(t, one.Line())
			if path := one.Path(); !strings.Contains(path, "...") {
				require.Same(t, one, n.Find(path), path)
			}
		})
	})
}

// same compares a node with what encoding/json made of it.
func same(t *testing.T, want any, n *document.Node) {
	t.Helper()
	switch want := want.(type) {
	case nil:
		require.False(t, n.IsObject() || n.IsArray() || n.IsString() || n.IsNumber() || n.IsBool())
	case bool:
		require.True(t, n.IsBool())
	case float64:
		var got float64
		require.NoError(t, bar.Decode(n, &got))
		require.Equal(t, want, got)
	case string:
		got, ok := n.Text()
		require.True(t, ok)
		require.Equal(t, want, got)
	case []any:
		require.Len(t, n.Elements(), len(want))
		for i, one := range n.Elements() {
			same(t, want[i], one)
		}
	case map[string]any:
		require.Equal(t, len(want), n.Len())
		for key, one := range n.Members() {
			require.Contains(t, want, key)
			same(t, want[key], one)
		}
	}
}

func visit(n *document.Node, do func(*document.Node)) {
	do(n)
	for _, one := range n.Elements() {
		visit(one, do)
	}
	for _, one := range n.Members() {
		visit(one, do)
	}
}

// What can be read at all comes back the same when it is written and read again.
func FuzzDecode(f *testing.F) {
	f.Add(everything)
	for _, text := range []string{
		`{"guest":"x","of":{"categories":[]},"drink":{"mixed":[]}}`, `{"guest":"x","share":-0.0,"value":-0}`,
		`{"guest":"x","since":"2026-01-31T09:30:00.1234567+02:00","within":"PT0.5S"}`, `{"guest":"x","mark":[1,{"tea":{}}]}`,
		`{"guest":1,"cents":1e3,"day":"","open":["x"],"cadence":{"on":[]}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data string) {
		first, err := read[order](data)
		if err != nil {
			require.ErrorIs(t, err, customer.ErrDefinition)
			return
		}
		written, err := bar.Encode(first)
		require.NoError(t, err)
		second, err := read[order](string(written))
		require.NoError(t, err)
		require.Equal(t, first, second)
		again, err := bar.Encode(second)
		require.NoError(t, err)
		require.Equal(t, string(written), string(again))
	})
}
