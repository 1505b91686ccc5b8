package postgres_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/store/storetest"
)

func TestMain(m *testing.M) {
	if text := os.Getenv(jobEnv); text != "" {
		if err := work(text); err != nil {
			fmt.Fprintln(os.Stderr, "worker:", err)
			os.Exit(1)
		}
		return
	}
	code := postgrestest.Main(m)
	stopDurable()
	os.Exit(code)
}

// open returns an empty store in a schema of its own.
func open(t testing.TB) *postgres.Store {
	t.Helper()
	return openIn(t, postgrestest.Schema(t))
}

// openIn returns another store in the schema.
func openIn(t testing.TB, schema string) *postgres.Store {
	t.Helper()
	dsn := postgrestest.With(postgrestest.DSN(t), "pool_max_conns=10")
	s, err := postgres.Open(t.Context(), dsn, postgres.Options{Schema: schema})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
}
