package postgres_test

import (
	"context"
	"fmt"
	"log"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store/postgres"
)

func definitions() pipeline.Definitions { return thanks() }

func ExampleOpen() {
	ctx := context.Background()
	s, err := postgres.Open(ctx, "postgres://shop@db.example.org/shop?pool_max_conns=8", postgres.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	engine, err := pipeline.New(pipeline.Config{Store: s, Definitions: definitions()})
	if err != nil {
		log.Fatal(err)
	}
	err = engine.AddCustomer(ctx, customer.Customer{ID: "olga", Name: "Olga"})
	if err != nil {
		log.Fatal(err)
	}
}

// The host has a pool already, which the store is to work on.
func ExampleNew() {
	ctx := context.Background()
	cfg, err := pgxpool.ParseConfig("postgres://shop@db.example.org/shop?pool_max_conns=8")
	if err != nil {
		log.Fatal(err)
	}
	cfg.AfterConnect = postgres.AfterConnect
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	s, err := postgres.New(ctx, pool, postgres.Options{Schema: "cakes"})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
}

// An order, the customer's new state and the messages that come of it are committed
// together or not at all.
func ExampleStore_InTx() {
	place := func(ctx context.Context, s *postgres.Store, engine *pipeline.Engine, purchase customer.Purchase) error {
		err := pgx.BeginFunc(ctx, s.Pool(), func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "insert into orders (id) values ($1)", purchase.ID); err != nil {
				return err
			}
			return engine.ApplyTx(ctx, s.InTx(tx), purchase)
		})
		if err != nil {
			return err
		}
		engine.Nudge() // something may be due at once
		return nil
	}
	_ = place
}

// A role that may create tables migrates; the others only look whether it was done.
func ExampleMigrate() {
	ctx := context.Background()
	owner, err := pgxpool.New(ctx, "postgres://owner@db.example.org/shop")
	if err != nil {
		log.Fatal(err)
	}
	defer owner.Close()
	if err := postgres.Migrate(ctx, owner, postgres.Options{}); err != nil {
		log.Fatal(err)
	}
	s, err := postgres.Open(ctx, "postgres://worker@db.example.org/shop", postgres.Options{Unmigrated: true})
	if err != nil {
		log.Fatal(err)
	}
	s.Close()
	fmt.Println("ready")
}
