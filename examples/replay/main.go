// Command replay plays a purchase log through an engine, in time order, on a
// clock that it moves itself, and prints what became of the customers.
//
//	go run ./examples/replay -purchases FILE [-until 1998-06-30] [-json]
//
// FILE is CDNOW's master file or its sample (columns parted by white space), or
// CSV with the header customer,date,amount[,id,category,sku], where a date is
// 1997-01-31, 19970131 or RFC 3339; "-" is standard input. Days are those of UTC.
// Rows without an ID are purchases of their own even where they look alike.
// What the shop wants done is in definitions.go.
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

// options is what the flags say.
type options struct {
	purchases string
	until     time.Time // zero: the last day of the log
	json      bool
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
		fmt.Fprintf(stderr, "replay: %s: %v\n", opts.purchases, err)
		return 1
	}
	return 0
}

// parseFlags has told stderr of any error that it returns.
func parseFlags(args []string, stderr io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&opts.purchases, "purchases", "", "the purchase log, a `file`; - is standard input")
	flags.BoolVar(&opts.json, "json", false, "print one JSON object")
	flags.Func("until", "the last `day` to play, as 1998-06-30 (default: the last day of the log)", func(s string) (err error) {
		opts.until, err = time.Parse(dashedDay, s)
		return err
	})
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	var err error
	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case opts.purchases == "":
		err = errors.New("-purchases is missing; name the log")
	default:
		return opts, nil
	}
	fmt.Fprintln(stderr, err)
	flags.Usage()
	return opts, err
}

func replay(ctx context.Context, opts options, stdin io.Reader, stdout io.Writer, stderr *os.File) error {
	started := time.Now()
	sales, err := open(opts.purchases, stdin)
	if err != nil {
		return err
	}
	if opts.until.IsZero() {
		opts.until = dayOf(sales[len(sales)-1].purchase.At)
	}
	var heap heapPeak
	heap.look()
	progress := newBar(stderr, countBefore(sales, opts.until.Add(day)))
	r, err := play(ctx, sales, opts.until, func(fed int) {
		heap.look()
		progress.show(fed)
	})
	progress.clear()
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

// open reads the log.
func open(path string, stdin io.Reader) ([]sale, error) {
	if path == "-" {
		return readLog(stdin)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err) // the path is told anyway
	}
	defer f.Close()
	return readLog(f)
}
