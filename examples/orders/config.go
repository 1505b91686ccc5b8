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
	webhook     string // empty: deliveries are logged
	lease       time.Duration
}

// The roles of a process.
const (
	roleServe = "serve"
	roleWork  = "work"
)

// roleOf names the flags that mean nothing without a role.
var roleOf = map[string]string{"listen": roleServe, "deadline": roleServe, "webhook": roleWork, "lease": roleWork}

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
	flags.DurationVar(&cfg.lease, "lease", time.Minute, "work: after how long what a worker that died was at is taken over")
	if err := flags.Parse(args); err != nil {
		return cfg, err
	}
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
	if c.lease < time.Second {
		errs = append(errs, fmt.Errorf("-lease %v is too short to send anything in; a second is the least", c.lease))
	}
	if c.deadline < time.Millisecond {
		errs = append(errs, fmt.Errorf("-deadline %v is too short to answer anything in; a millisecond is the least", c.deadline))
	}
	flags.Visit(func(f *flag.Flag) {
		if role := roleOf[f.Name]; role != "" && !c.plays(role) {
			errs = append(errs, fmt.Errorf("-%s is for %s alone", f.Name, role))
		}
	})
	return errors.Join(errs...)
}

func (c *config) plays(role string) bool { return slices.Contains(c.roles, role) }
