package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/benbjohnson/clock"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store/sqlite"
	"github.com/regulars-go/regulars/trigger"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s, err := sqlite.Open(ctx, filepath.Join(dir, "shop.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	clk := clock.NewMock()
	clk.Set(time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC))
	engine, err := pipeline.New(pipeline.Config{Store: s, Clock: clk, Definitions: pipeline.Definitions{
		Pipelines: []pipeline.Pipeline{{ID: "cakes", Cadence: pipeline.Every(customer.Weeks(3)), Stages: []pipeline.Stage{
			{ID: "thank", From: pipeline.SincePurchase(customer.Days(0))},
			{ID: "due", From: pipeline.AtNext()},
		}}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	if err := engine.Apply(ctx,
		customer.Customer{ID: "olga", Name: "Olga"},
		customer.Purchase{ID: "o-1", Customer: "olga", At: clk.Now(), Amount: 25_00},
	); err != nil {
		log.Fatal(err)
	}

	var name, stage, next string
	row := s.DB().QueryRowContext(ctx, `select name, stage, next from who_is_where where pipeline = 'cakes'`)
	if err := row.Scan(&name, &stage, &next); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s is in %q; the next cake is expected at %s\n", name, stage, next)
	// Output: Olga is in "thank"; the next cake is expected at 2026-03-22 00:00:00
}

// How a service starts on a store that outlives it, and how it ends.
func Example_service() {
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx, stop := context.WithCancel(context.Background()) // in a program, signal.NotifyContext
	defer stop()

	s, err := sqlite.Open(ctx, filepath.Join(dir, "shop.db"))
	if err != nil {
		log.Fatal(err)
	}
	sent := make(chan trigger.Delivery, 1)
	definitions := pipeline.Definitions{Triggers: []trigger.Trigger{
		{ID: "thanks", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Task("Thank {{.Customer.Name}}")}},
	}}
	engine, err := pipeline.New(pipeline.Config{
		Store: s, Definitions: definitions,
		Notifier: trigger.NotifierFunc(func(_ context.Context, d trigger.Delivery) error { sent <- d; return nil }),
	})
	if err != nil {
		log.Fatal(err)
	}
	// Customers stay where the definitions of an older release had put them until
	// something happens to them, or this brings them over. Where nobody is left, it
	// only looks.
	if _, err := engine.Redefine(ctx, definitions, pipeline.RedefineOptions{}); err != nil {
		log.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()

	// Now the program takes requests, or orders from a queue.
	if err := engine.Apply(ctx,
		customer.Customer{ID: "olga", Name: "Olga"},
		customer.Purchase{ID: "o-1", Customer: "olga", At: time.Now(), Amount: 25_00},
	); err != nil {
		log.Fatal(err)
	}
	fmt.Println((<-sent).Text)

	// To end, it stops whatever feeds the engine first, then the engine, and waits
	// until what was sent is written down; then it closes the store.
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
	if err := s.Close(); err != nil {
		log.Fatal(err)
	}
	// Output: Thank Olga
}

// An order and what comes of it are committed together.
func ExampleStore_InTx() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s, err := sqlite.Open(ctx, filepath.Join(dir, "shop.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	engine, err := pipeline.New(pipeline.Config{Store: s})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := s.DB().ExecContext(ctx, `create table orders (id text primary key)`); err != nil {
		log.Fatal(err)
	}

	tx, err := s.DB().BeginTx(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing when it was committed
	if _, err := tx.ExecContext(ctx, `insert into orders (id) values ('o-1')`); err != nil {
		log.Fatal(err)
	}
	if err := engine.ApplyTx(ctx, s.InTx(tx),
		customer.Customer{ID: "olga"},
		customer.Purchase{ID: "o-1", Customer: "olga", At: time.Now(), Amount: 25_00},
	); err != nil {
		log.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		log.Fatal(err)
	}
	engine.Nudge()

	rec, err := engine.Customer(ctx, "olga")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("purchases:", rec.Totals.Count)
	// Output: purchases: 1
}

// A copy is made while the shop goes on, and is a database of its own.
func ExampleStore_Backup() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s, err := sqlite.Open(ctx, filepath.Join(dir, "shop.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	if err := s.SaveDefinitions(ctx, "v1", []byte(`{}`)); err != nil {
		log.Fatal(err)
	}

	path := filepath.Join(dir, "backup.db")
	if err := s.Backup(ctx, path); err != nil {
		log.Fatal(err)
	}

	restored, err := sqlite.Open(ctx, path)
	if err != nil {
		log.Fatal(err)
	}
	defer restored.Close()
	document, err := restored.Definitions(ctx, "v1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", document)
	// Output: {}
}
