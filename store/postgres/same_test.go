package postgres_test

import (
	"testing"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/store/storetest"
)

func TestSameAsMemory(t *testing.T) {
	t.Parallel()
	storetest.Same(t,
		func(*testing.T) store.Store { return memory.New() },
		func(t *testing.T) store.Store { return open(t) },
	)
}
