package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/sqlite"
)

// place is where a replay keeps everything. The zero place is memory.
type place struct {
	kind   string // inMemory, inSQLite or inPostgres
	at     string // a file, or the DSN of a database
	schema string // of a database; empty: defaultSchema
}

// The kinds of place.
const (
	inMemory   = "memory"
	inSQLite   = "sqlite"
	inPostgres = "postgres"
)

// defaultSchema is not the one that shops have by default, so that nobody replays
// into a shop by mistake.
const defaultSchema = "regulars_replay"

// parsePlace reads memory, sqlite:FILE or postgres:DSN. A DSN that is a URL has a
// postgres: of its own, and needs no other. One that is empty is refused: it would
// mean whatever database the environment happens to name.
func parsePlace(s string) (kind, at string, err error) {
	kind, at, _ = strings.Cut(s, ":")
	switch {
	case slices.Contains([]string{"postgres:", "postgres://", "postgresql://"}, s):
		return "", "", errors.New("names no database; write postgres://USER@HOST/DATABASE, or postgres:dbname=DATABASE for one where $PGHOST says")
	case strings.HasPrefix(s, "postgres://"), strings.HasPrefix(s, "postgresql://"):
		return inPostgres, s, nil
	case s == inMemory, kind == inSQLite && at != "", kind == inPostgres && at != "":
		return kind, at, nil
	}
	return "", "", errors.New("is none of memory, sqlite:FILE and postgres:DSN")
}

// open returns a store in the place, and what closes it. There must be nobody in
// it: a replay lets years pass and counts as sent what never left, so whoever a
// shop had in there would not get what was meant for them.
func (p place) open(ctx context.Context) (store.Store, func() error, error) {
	s, closeStore, err := p.openAny(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := p.checkEmpty(ctx, s); err != nil {
		return nil, nil, errors.Join(err, closeStore())
	}
	return s, closeStore, nil
}

// openAny is open for a place that may hold something.
func (p place) openAny(ctx context.Context) (store.Store, func() error, error) {
	switch p.kind {
	case inSQLite:
		s, err := sqlite.Open(ctx, p.at)
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	case inPostgres:
		s, err := postgres.Open(ctx, p.at, postgres.Options{Schema: p.schemaName()})
		if err != nil {
			return nil, nil, err
		}
		return s, func() error { s.Close(); return nil }, nil
	}
	return memory.New(), func() error { return nil }, nil
}

// checkEmpty tells what to do about a store that has customers.
func (p place) checkEmpty(ctx context.Context, s store.Store) error {
	for _, err := range s.Find(ctx, store.Query{}) {
		switch {
		case err != nil:
			return err
		case p.kind == inSQLite:
			return fmt.Errorf("-store: %s has customers in it, and a replay begins with none; name a file that does not exist yet", p.at)
		default:
			return fmt.Errorf("-store: schema %q has customers in it, and a replay begins with none; name another with -schema, or drop it", p.schemaName())
		}
	}
	return nil
}

func (p place) schemaName() string { return cmp.Or(p.schema, defaultSchema) }
