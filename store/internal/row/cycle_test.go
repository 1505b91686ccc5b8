package row_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store/internal/row"
)

func TestCyclesReadWell(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `[]`, string(row.AppendCycles(nil, nil)))
	assert.Equal(t, `[{"pipeline":"cakes","stage":"due","number":2,"purchase":"p\"2","entered":1772366400123456,"next":1772366400123457},`+
		`{"pipeline":"tea","number":1,"purchase":"p1","closed":"moved away"}]`,
		string(row.AppendCycles(nil, []customer.Cycle{
			{Pipeline: "cakes", Stage: "due", Number: 2, Purchase: `p"2`, Entered: noon, Next: noon.Add(1000)},
			{Pipeline: "cakes", Stage: "second of its name"},
			{Pipeline: "tea", Number: 1, Purchase: "p1", Closed: "moved away"},
		})))
}

func TestCyclesAreJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := row.AppendCycles(nil, []customer.Cycle{{
			Pipeline: aText(t, "pipeline"), Stage: aText(t, "stage"), Purchase: aText(t, "purchase"), Closed: aText(t, "closed"),
		}})
		require.True(t, json.Valid(text), "%q", text)
		require.True(t, utf8.Valid(text))
		require.NotContains(t, string(text), `\u0000`)
	})
}
