package sqlite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// LimitPages lets the file have so many pages and no more.
func (s *Store) LimitPages(t *testing.T, n int) {
	t.Helper()
	pen := <-s.pen
	defer func() { s.pen <- pen }()
	require.NoError(t, pen.exec(fmt.Sprintf("pragma max_page_count = %d", n)))
}
