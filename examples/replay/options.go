package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

// options is what the flags say.
type options struct {
	definitions string    // empty: the shop's
	purchases   string    // empty: none
	activities  string    // empty: none
	until       time.Time // zero: the last day of the logs
	questions   []question
	json        bool
	store       place
}

// parseFlags has told stderr of any error that it returns.
func parseFlags(args []string, stderr io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&opts.definitions, "definitions", "", "what the shop wants done, a JSON `file` (default: "+shopFile+", which is built in)")
	flags.StringVar(&opts.purchases, "purchases", "", "the purchase log, a `file`; - is standard input")
	flags.StringVar(&opts.activities, "activities", "", "the activity log, a `file` of "+activitiesHeader+", where a time is "+timeForms+"; - is standard input")
	flags.BoolVar(&opts.json, "json", false, "print one JSON object")
	flags.Func("until", "the last `day` to play, as 1998-06-30 (default: the last day of the logs)", func(s string) (err error) {
		opts.until, err = time.Parse(dashedDay, s)
		return err
	})
	flags.Func("explain", "tell at the end why the customer is in the segment or is not, as `CUSTOMER/SEGMENT`; may be given again", func(s string) error {
		q, err := parseQuestion(s)
		opts.questions = append(opts.questions, q)
		return err
	})
	flags.Func("store", "where to keep everything, a `STORE`: memory, sqlite:FILE, postgres:DSN or a URL, postgres://... (default: memory)", func(s string) (err error) {
		opts.store.kind, opts.store.at, err = parsePlace(s)
		return err
	})
	flags.StringVar(&opts.store.schema, "schema", "", "the `schema` to keep everything in, in PostgreSQL (default: "+defaultSchema+")")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	err := opts.check(flags.Args())
	if err != nil {
		fmt.Fprintln(stderr, err)
		flags.Usage()
	}
	return opts, err
}

// check tells what the flags leave out or contradict; rest is what follows them.
func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case o.purchases == "" && o.activities == "":
		return errors.New("-purchases is missing, and so is -activities; name a log")
	case o.readsTwice("-"):
		return errors.New("only one file can be read from standard input")
	case o.store.schema != "" && o.store.kind != inPostgres:
		return errors.New("-schema is for -store postgres:DSN alone")
	}
	return nil
}

// readsTwice reports whether more than one of the files has that path.
func (o *options) readsTwice(path string) bool {
	times := 0
	for _, p := range []string{o.definitions, o.purchases, o.activities} {
		if p == path {
			times++
		}
	}
	return times > 1
}
