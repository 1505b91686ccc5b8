package document_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer/document"
)

// read decodes a text into a T.
func read[T any](text string) (T, error) {
	var v T
	n, err := document.Parse([]byte(text))
	if err == nil {
		err = bar.Decode(n, &v)
	}
	return v, err
}

func TestEverythingComesBackAsItWas(t *testing.T) {
	t.Parallel()
	first, err := read[order](everything)
	require.NoError(t, err)
	written, err := bar.Encode(first)
	require.NoError(t, err)
	second, err := read[order](string(written))
	require.NoError(t, err)
	assert.Equal(t, first, second)
	second.secret = "passed over"
	again, err := bar.Encode(&second)
	require.NoError(t, err)
	assert.Equal(t, string(written), string(again))
	assert.JSONEq(t, strings.ReplaceAll(everything, `"mixed": []`, `"mixed":[]`), string(written))
}

var utc = time.UTC
