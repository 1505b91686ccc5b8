// Command replay plays logs of what customers bought and did through an engine,
// in time order, on a clock that it moves itself, and prints what became of the
// customers.
//
//	go run ./examples/replay [-purchases FILE] [-activities FILE] [-definitions FILE] [-until 1998-06-30]
//		[-explain CUSTOMER/SEGMENT]... [-json] [-store STORE] [-schema NAME]
//
// One of the two logs is enough. Whoever it tells of is added as a customer when
// first heard of. Days are those of UTC, and stand for their first instant. Rows
// without an ID are things of their own even where they look alike.
//
// The purchases are CDNOW's master file or its sample (columns parted by white
// space), or CSV with the header customer,date,amount[,id,category,sku], where a
// date is 1997-01-31, 19970131, 1997-01-31 15:04 (in UTC) or RFC 3339; or the invoices of the Online Retail
// data set, one row per line, with the header InvoiceNo,StockCode,Description,
// Quantity,InvoiceDate,UnitPrice,CustomerID,Country. An invoice becomes one
// purchase: its lines are the items, without categories; its country is the
// source; its amount, the sum of quantities times prices, is rounded half up to
// minor units. What is no sale to somebody known is left out and counted in the
// report: rows without a customer, cancellations (they do not tell which invoice
// they cancel, so they cannot be refunds), no quantity, no price.
//
// The activities are CSV with the header customer,time,name, where a time is
// such a date. Further cells of a row, as many as it has, are properties,
// prop=value; a value is a number where it reads as a decimal one, a truth where
// it is true or false, a date where it is one such as 1997-01-31, else a text.
// Of one instant, activities come before purchases, since they lead to them.
//
// The definitions are one JSON document, as pipeline.ParseDefinitions reads it;
// shop.json is an example, and what is played where none is named. No message
// leaves the program: every delivery counts as sent. A log has no addresses, so
// send over channels that need none, such as "app".
//
// At the end, -explain tells why a customer is in a segment or is not, and what
// would let them in.
//
// Everything is kept in memory, and gone at the end, unless -store names a SQLite
// file (sqlite:FILE) or a PostgreSQL database (postgres:DSN), to be looked at
// afterwards; the output is the same. A DSN is a URL, which needs no second
// "postgres:" before it, or host=... dbname=..., of which the environment (PGHOST
// and the like) gives what is left out. In a database, everything is in
// the schema "regulars_replay", or that of -schema, which is made if need be. A
// store that has customers in it is refused, whether they are a shop's or those of
// an earlier replay, finished or not: a replay begins with nobody.
//
// One of the files may be "-", standard input. Files may be packed by gzip.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run does it all and returns the exit code: 1 where it fails, 2 where the flags
// are wrong.
func run(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer, stderr *os.File) int {
	opts, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if err := replay(ctx, opts, stdin, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "replay: %v\n", err)
		return 1
	}
	return 0
}

func replay(ctx context.Context, opts options, stdin io.Reader, stdout io.Writer, stderr *os.File) error {
	started := time.Now()
	s, err := readScript(opts, stdin)
	if err != nil {
		return err
	}
	in, closeStore, err := opts.store.open(ctx)
	if err != nil {
		return err
	}
	var heap heapPeak
	heap.look()
	progress := newBar(stderr, len(s.entries))
	r, err := play(ctx, in, &s, func(fed int) {
		heap.look()
		progress.show(fed)
	})
	progress.clear()
	err = errors.Join(err, closeStore())
	if err != nil {
		return err
	}
	heap.look()
	r.Seconds, r.PeakHeap = time.Since(started).Seconds(), heap.most
	if opts.json {
		return r.writeJSON(stdout)
	}
	return r.writeText(stdout)
}
