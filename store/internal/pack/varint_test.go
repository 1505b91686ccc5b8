package pack

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUvarint(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		want := rng.Uint64() >> rng.IntN(65)
		bytes := binary.AppendUvarint(nil, want)
		for behind := range 9 { // at the end of a text, and with more behind it
			got, n := uvarint(string(binary.LittleEndian.AppendUint64(bytes, rng.Uint64())[:len(bytes)+behind]))
			require.Equal(t, want, got)
			require.Len(t, bytes, n)
		}
		_, n := uvarint(string(bytes[:len(bytes)-1]))
		assert.Zero(t, n, "cut off")
	}
	_, n := uvarint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	assert.Zero(t, n, "too long")
}
