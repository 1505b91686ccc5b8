package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// config is what the arguments say.
type config struct {
	roles       []string
	db          string // a DSN; empty: PGHOST, PGDATABASE and the like
	schema      string // of the library's tables; empty: its default
	definitions string // a file; empty: shop.json
	listen      string
	deadline    time.Duration
	webhook     string        // empty: deliveries are logged
	slow        time.Duration // how long logging one takes
	lease       time.Duration
	timeout     time.Duration // of one attempt to send
}

// The roles of a process.
const (
	roleServe = "serve"
	roleWork  = "work"
)

// roleOf names the flags that mean nothing without a role.
var roleOf = map[string]string{"listen": roleServe, "deadline": roleServe, "webhook": roleWork, "slow": roleWork, "lease": roleWork, "timeout": roleWork}

// parseConfig has told stderr of any error that it returns.
func parseConfig(args []string, stderr io.Writer) (config, error) {
	var cfg config
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		cfg.roles, args = append(cfg.roles, args[0]), args[1:]
	}
	flags := flag.NewFlagSet("orders serve|work", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&cfg.db, "db", "", "the database, a `DSN` (default: $DATABASE_URL, or else $PGHOST, $PGDATABASE ...)")
	flags.StringVar(&cfg.schema, "schema", "", "the `schema` of the library's tables (default: regulars)")
	flags.StringVar(&cfg.definitions, "definitions", "", "stages, segments and triggers, a JSON `file` (default: shop.json, which is built in)")
	flags.StringVar(&cfg.listen, "listen", "localhost:8080", "serve: the `address` to listen at")
	flags.DurationVar(&cfg.deadline, "deadline", 10*time.Second, "serve: how long a request may take, whatever it waits for")
	flags.StringVar(&cfg.webhook, "webhook", "", "work: the `URL` that deliveries are posted to (default: they are logged)")
	flags.DurationVar(&cfg.slow, "slow", 0, "work: without -webhook, how long logging a delivery takes, to see what happens meanwhile")
	flags.DurationVar(&cfg.lease, "lease", time.Minute, "work: after how long what a worker that died was at is taken over")
	flags.DurationVar(&cfg.timeout, "timeout", 0, "work: how long sending a delivery may take; then it has failed, and is tried again later (default: a quarter of -lease)")
	if err := flags.Parse(args); err != nil {
		return cfg, err
	}
	cfg.timeout = cmp.Or(cfg.timeout, cfg.lease/4)
	cfg.db = cmp.Or(cfg.db, os.Getenv("DATABASE_URL")) // as a default, its password would be in the usage
	err := cfg.check(flags)
	if err != nil {
		fmt.Fprintln(stderr, err)
		flags.Usage()
	}
	return cfg, err
}

// check tells what is missing or has no meaning.
func (c *config) check(flags *flag.FlagSet) error {
	var errs []error
	if flags.NArg() > 0 {
		errs = append(errs, fmt.Errorf("unexpected argument %q", flags.Arg(0)))
	}
	if len(c.roles) == 0 {
		errs = append(errs, errors.New("say what to do: serve, work or both"))
	}
	for i, role := range c.roles {
		if role != roleServe && role != roleWork || slices.Contains(c.roles[:i], role) {
			errs = append(errs, fmt.Errorf("%q is neither serve nor work, or is said twice", role))
		}
	}
	errs = append(errs, c.checkTimes())
	flags.Visit(func(f *flag.Flag) {
		if role := roleOf[f.Name]; role != "" && !c.plays(role) {
			errs = append(errs, fmt.Errorf("-%s is for %s alone", f.Name, role))
		}
	})
	return errors.Join(errs...)
}

func (c *config) checkTimes() error {
	switch {
	case c.deadline < time.Millisecond:
		return fmt.Errorf("-deadline %v is too short to answer anything in; a millisecond is the least", c.deadline)
	case c.lease < time.Second:
		return fmt.Errorf("-lease %v is too short to send anything in; a second is the least", c.lease)
	case c.timeout < time.Millisecond || c.timeout > c.lease/2:
		return fmt.Errorf("-timeout %v is not from 1ms to half of -lease, %v: another worker would send it too", c.timeout, c.lease)
	case c.slow > 0 && c.webhook != "":
		return errors.New("-slow is for deliveries that are logged; there is a -webhook")
	case c.slow < 0 || c.slow >= c.timeout:
		return fmt.Errorf("-slow %v is negative, or not less than -timeout, %v", c.slow, c.timeout)
	}
	return nil
}

func (c *config) plays(role string) bool { return slices.Contains(c.roles, role) }
