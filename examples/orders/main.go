// Command orders is the checkout of a shop that sells coffee, on PostgreSQL: an
// order and what it means for the customer who placed it are committed in one
// transaction, and workers in other processes send what comes of it.
//
//	orders serve [-listen ADDR] [-deadline DURATION] # the web process; any number of them
//	orders work [-webhook URL] [-timeout DURATION]   # a worker; any number of them
//	orders serve work                                # both in one process, for a start
//
// See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/regulars-go/regulars/trigger"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first signal asks, a second one kills
	code := run(ctx, os.Args[1:], os.Stderr)
	stop()
	os.Exit(code)
}

// run does it all and returns the exit code: 1 where it fails, 2 where the
// arguments are wrong.
func run(ctx context.Context, args []string, stderr io.Writer) int {
	cfg, err := parseConfig(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if err := start(ctx, cfg, slog.New(slog.NewTextHandler(stderr, nil))); err != nil {
		fmt.Fprintf(stderr, "orders: %v\n", err)
		return 1
	}
	return 0
}

// start plays the roles until ctx ends, or one of them fails.
func start(ctx context.Context, cfg config, log *slog.Logger) error {
	var send trigger.Notifier // nil: what is to be sent waits for a worker
	if cfg.plays(roleWork) {
		send = notifier(cfg, log)
	}
	s, err := openShop(ctx, cfg, send, log)
	if err != nil {
		return err
	}
	defer s.close()

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	errs := make([]error, len(cfg.roles))
	for i, role := range cfg.roles {
		wg.Go(func() {
			defer stop() // a process does all that it was started for, or ends
			if role == roleServe {
				errs[i] = s.serve(ctx, cfg.listen)
			} else {
				errs[i] = s.work(ctx)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
