package postgres_test

import (
	"context"
	"fmt"
	"log"
	"time"

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

// An order, the customer's new state and the messages that come of it are committed
// together or not at all.
func ExampleStore_InTx() {
	place := func(ctx context.Context, pool *pgxpool.Pool, s *postgres.Store, engine *pipeline.Engine, order string) error {
		tx, err := pool.Begin(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback(ctx) }() // does nothing once it is committed
		if _, err := tx.Exec(ctx, "insert into orders (id) values ($1)", order); err != nil {
			return err
		}
		purchase := customer.Purchase{ID: order, Customer: "olga", At: time.Now(), Amount: 25_00}
		if err := engine.ApplyTx(ctx, s.InTx(tx), purchase); err != nil {
			return err
		}
		if err := tx.Commit(ctx); err != nil {
			return err
		}
		engine.Nudge()
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
