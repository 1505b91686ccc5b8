package main

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/trigger"
)

// shopFile is what the shop does for its customers, for want of other definitions.
//
//go:embed shop.json
var shopFile []byte

// shop is what both roles work with: the database, which holds the tables of the
// shop and those of the library, and the engine.
type shop struct {
	pool   *pgxpool.Pool
	store  *postgres.Store
	engine *pipeline.Engine
	log    *slog.Logger

	deadline time.Duration // of a request
}

// openShop connects to the database and makes what tables it lacks.
func openShop(ctx context.Context, cfg config, send trigger.Notifier, log *slog.Logger) (*shop, error) {
	definitions, err := readDefinitions(cfg.definitions)
	if err != nil {
		return nil, err
	}
	s := &shop{log: log, deadline: cfg.deadline}
	if s.pool, err = connect(ctx, cfg.db); err != nil {
		return nil, err
	}
	if err := s.build(ctx, cfg, definitions, send); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *shop) build(ctx context.Context, cfg config, definitions pipeline.Definitions, send trigger.Notifier) (err error) {
	if err := makeTables(ctx, s.pool); err != nil {
		return fmt.Errorf("make tables: %w", err)
	}
	if s.store, err = postgres.New(ctx, s.pool, postgres.Options{Schema: cfg.schema}); err != nil {
		return err
	}
	s.engine, err = pipeline.New(pipeline.Config{
		Store:       s.store,
		Definitions: definitions,
		Notifier:    send,
		Senders:     8,
		Lease:       cfg.lease,
		SendTimeout: cfg.timeout,
		Retry:       pipeline.Retry{Attempts: 20, First: time.Second, Most: time.Hour},
		Logger:      s.log,
	})
	return err
}

func (s *shop) close() {
	if s.store != nil {
		s.store.Close()
	}
	s.pool.Close()
}

// connect returns a pool that the shop and the library share.
func connect(ctx context.Context, dsn string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.AfterConnect = postgres.AfterConnect // which suits the shop's own statements too
	return pgxpool.NewWithConfig(ctx, cfg)
}

func readDefinitions(path string) (pipeline.Definitions, error) {
	document := shopFile
	if path != "" {
		var err error
		if document, err = os.ReadFile(path); err != nil {
			return pipeline.Definitions{}, err
		}
	}
	return pipeline.ParseDefinitions(document)
}
