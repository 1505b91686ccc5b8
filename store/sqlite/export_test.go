package sqlite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// LimitSize lets the file have so many bytes and no more.
func (s *Store) LimitSize(t *testing.T, bytes int) {
	t.Helper()
	pen := <-s.pen
	defer func() { s.pen <- pen }()
	require.NoError(t, pen.exec(fmt.Sprintf("pragma max_page_count = %d", bytes/pageBytes)))
}
