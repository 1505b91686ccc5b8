package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
)

// places returns the flags that choose each of the stores, all of them empty.
func places(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{
		"none":     nil,
		"memory":   {"-store", "memory"},
		"sqlite":   {"-store", "sqlite:" + filepath.Join(t.TempDir(), "a b.db")},
		"postgres": {"-store", "postgres:" + postgrestest.DSN(t), "-schema", postgrestest.Schema(t)},
	}
	if underRace {
		delete(all, "sqlite") // which is C translated to Go, and very slow there
	}
	return all
}

// Whatever the store, the same is printed, byte for byte.
func TestPlaces(t *testing.T) {
	t.Parallel()
	logs := []string{
		"-purchases", "testdata/log.csv", "-activities", written(t, "activities.csv", cartLog),
		"-until", "1998-12-31", "-explain", "ann/vip", "-explain", "bob/vip-asleep",
	}
	for _, row := range []struct {
		name string
		args []string
	}{
		{"as a text", logs},
		{"as JSON", append([]string{"-json"}, logs...)},
		{"with activities", append([]string{"-definitions", written(t, "carts.json", carts)}, logs[:6]...)},
	} {
		want := string(replayed(t, row.args...))
		require.Contains(t, want, "purchase")
		for name, place := range places(t) {
			assert.Equal(t, want, string(replayed(t, append(place, row.args...)...)), "%s in %s", row.name, name)
		}
	}
}

// What is in a store already is left as it is.
func TestNoReplayWhereCustomersAre(t *testing.T) {
	t.Parallel()
	all := places(t)
	for name, advice := range map[string]string{"sqlite": "name a file that does not exist yet", "postgres": "name another with -schema"} {
		place, ok := all[name]
		if !ok {
			continue
		}
		replayed(t, append(place, "-purchases", "testdata/log.csv")...)
		before := customersIn(t, place)
		require.Len(t, before, 6, name)

		code, stdout, stderr := runWith(t, []byte("customer,date,amount\nzoe,1999-01-01,5\n"), append(place, "-purchases", "-")...)
		assert.Equal(t, 1, code, name)
		assert.Empty(t, stdout, name)
		assert.Contains(t, stderr, "has customers in it", name)
		assert.Contains(t, stderr, advice, name)
		assert.Equal(t, before, customersIn(t, place), name)
	}
}

// customersIn returns the records in the store that the flags choose.
func customersIn(t *testing.T, flags []string) (records []store.Record) {
	t.Helper()
	opts, err := parseFlags(append(flags, "-purchases", "-"), t.Output())
	require.NoError(t, err)
	s, closeStore, err := opts.store.openAny(t.Context())
	require.NoError(t, err)
	for l, err := range s.Find(t.Context(), store.Query{}) {
		require.NoError(t, err)
		records = append(records, l.Record)
	}
	require.NoError(t, closeStore())
	return records
}

func TestParsePlace(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]place{
		"memory":                     {kind: inMemory},
		"sqlite:a:b.db":              {kind: inSQLite, at: "a:b.db"},
		"postgres:host=a user=b":     {kind: inPostgres, at: "host=a user=b"},
		"postgres:postgres://h/shop": {kind: inPostgres, at: "postgres://h/shop"},
		"postgres://h/shop":          {kind: inPostgres, at: "postgres://h/shop"},
		"postgresql://h/shop":        {kind: inPostgres, at: "postgresql://h/shop"},
	} {
		kind, at, err := parsePlace(arg)
		require.NoError(t, err, arg)
		assert.Equal(t, want, place{kind: kind, at: at}, arg)
	}
	for _, arg := range []string{"", "memory:", "sqlite", "sqlite:", "postgres", "mysql:x"} {
		_, _, err := parsePlace(arg)
		assert.ErrorContains(t, err, "is none of memory, sqlite:FILE and postgres:DSN", arg)
	}
	for _, arg := range []string{"postgres:", "postgres://", "postgresql://"} {
		_, _, err := parsePlace(arg)
		assert.ErrorContains(t, err, "names no database; write postgres://", arg)
	}
	assert.Equal(t, "regulars_replay", place{}.schemaName())
}

func TestPlacesThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		args   []string
		code   int
		stderr string
	}{
		{"no such kind", []string{"-store", "oracle"}, 2, "is none of memory"},
		{"a schema in memory", []string{"-schema", "a"}, 2, "-schema is for -store postgres:DSN alone"},
		{"a schema in SQLite", []string{"-schema", "a", "-store", "sqlite:a.db"}, 2, "-schema is for -store postgres:DSN alone"},
		{"no such directory", []string{"-store", "sqlite:" + filepath.Join(t.TempDir(), "none", "a.db")}, 1, "sqlite: open"},
		{"no such server", []string{"-store", "postgres:host=" + t.TempDir() + " password=opensesame"}, 1, "failed to connect"},
	} {
		code, stdout, stderr := runWith(t, nil, append(row.args, "-purchases", "testdata/log.csv")...)
		assert.Equal(t, row.code, code, row.name)
		assert.Contains(t, stderr, row.stderr, row.name)
		assert.NotContains(t, stderr, "opensesame", row.name)
		assert.Empty(t, stdout, row.name)
	}
}
