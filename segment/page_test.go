package segment

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var inBackticks = regexp.MustCompile("`([^`]+)`")

// Every JSON form that the language page shows is one that is understood, and
// it shows every one there is.
func TestTheLanguagePageShowsWhatThereIs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	known := keys()
	shown := make(map[string]bool)
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, form := range inBackticks.FindAllStringSubmatch(cells[2], -1) {
			if _, err := ParsePredicate([]byte(form[1])); err != nil {
				_, err = ParsePredicate([]byte(`{"moment": {"of": ` + form[1] + `, "is": {"known": true}}}`))
				require.NoError(t, err, "the page shows %s", form[1])
			}
			for key := range known {
				if strings.Contains(form[1], `"`+key+`"`) {
					shown[key] = true
				}
			}
		}
	}
	for key := range known {
		assert.Contains(t, shown, key, "the page does not show this key")
	}
}

// keys returns the keys of everything that stands behind an interface.
func keys() map[string]bool {
	known := make(map[string]bool)
	for _, p := range predicates {
		known[p.of.key()] = true
	}
	for _, s := range sources {
		known[s.key()] = true
	}
	for _, t := range tests {
		known[t.key()] = true
	}
	for _, h := range happenings {
		known[h.key()] = true
	}
	return known
}
