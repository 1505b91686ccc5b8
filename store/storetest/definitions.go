package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store"
)

// Engines find in the store what a customer was stepped under, and so must be
// able to rely on a version meaning one thing for good.
var definitionsRules = []rule{
	{"definitions/saved", "A document of definitions comes back byte for byte under its version.", definitionsSaved},
	{"definitions/first", "Saving a version again changes nothing, whatever the document: the first is kept.", definitionsFirst},
	{"definitions/at-once", "Of several documents saved at once under a version, one is kept, and all see it.", definitionsAtOnce},
	{"definitions/unknown", "Definitions fails with ErrUnknown where nothing was saved under the version.", definitionsUnknown},
	{"definitions/empty", "An empty version or document is an error and saves nothing.", definitionsEmpty},
	{"definitions/copies", "A document is copied: what the caller does to its own does not reach the store.", definitionsCopied},
}

func saveDefinitions(t *testing.T, s store.Store, version, document string) {
	t.Helper()
	require.NoError(t, s.SaveDefinitions(t.Context(), version, []byte(document)), "save definitions")
}

func definitions(t *testing.T, s store.Store, version string) string {
	t.Helper()
	document, err := s.Definitions(t.Context(), version)
	require.NoError(t, err, "definitions %q", version)
	return string(document)
}

func definitionsSaved(t *testing.T, s store.Store) {
	documents := map[string]string{
		"v1":                     `{"b": 1, "a": [2, 1.0], "a": null}` + "\n",
		"V1":                     `  {} `,
		strings.Repeat("ü'", 32): `["\u00fc ü 🍰"]`,
		"large":                  `["` + strings.Repeat("x", 1<<20) + `"]`,
	}
	for version, document := range documents {
		saveDefinitions(t, s, version, document)
	}
	for version, document := range documents {
		assert.True(t, document == definitions(t, s, version), "the document of %q", version)
	}
	assert.Empty(t, found(t, s, store.Query{}), "customers")
}

func definitionsFirst(t *testing.T, s store.Store) {
	saveDefinitions(t, s, "v1", `{"first": true}`)
	saveDefinitions(t, s, "v2", `{"other": true}`)
	for _, again := range []string{`{"first": true}`, `{"first": false}`} {
		saveDefinitions(t, s, "v1", again)
		assert.Equal(t, `{"first": true}`, definitions(t, s, "v1"))
		assert.Equal(t, `{"other": true}`, definitions(t, s, "v2"))
	}
}

func definitionsAtOnce(t *testing.T, s store.Store) {
	const savers = 8
	var seen [savers]string
	errs := together(savers, func(i int) error {
		err := s.SaveDefinitions(t.Context(), "v1", fmt.Appendf(nil, "[%d]", i))
		document, err2 := s.Definitions(t.Context(), "v1")
		seen[i] = string(document)
		return errors.Join(err, err2)
	})
	require.NoError(t, errors.Join(errs...))
	kept := definitions(t, s, "v1")
	for i := range seen {
		assert.Equal(t, kept, seen[i], "what saver %d saw", i)
	}
}

func definitionsUnknown(t *testing.T, s store.Store) {
	saveDefinitions(t, s, "v1", `{}`)
	for _, version := range []string{"v2", "v", "V1", ""} {
		document, err := s.Definitions(t.Context(), version)
		require.ErrorIs(t, err, store.ErrUnknown, "version %q", version)
		assert.Empty(t, document)
	}
}

func definitionsEmpty(t *testing.T, s store.Store) {
	require.Error(t, s.SaveDefinitions(t.Context(), "", []byte(`{}`)), "no version")
	require.Error(t, s.SaveDefinitions(t.Context(), "v1", nil), "no document")
	require.Error(t, s.SaveDefinitions(t.Context(), "v1", []byte{}), "an empty document")
	for _, version := range []string{"", "v1"} {
		_, err := s.Definitions(t.Context(), version)
		require.ErrorIs(t, err, store.ErrUnknown, "nothing was saved under %q", version)
	}
}

func definitionsCopied(t *testing.T, s store.Store) {
	mine := []byte(`{"mine": 1}`)
	require.NoError(t, s.SaveDefinitions(t.Context(), "v1", mine))
	mine[2] = 'M'
	got, err := s.Definitions(t.Context(), "v1")
	require.NoError(t, err)
	require.Equal(t, `{"mine": 1}`, string(got), "after the saved slice was changed")
	got[2] = 'M'
	assert.Equal(t, `{"mine": 1}`, definitions(t, s, "v1"), "after the returned slice was changed")
}
