package main

import (
	"io"
	"time"

	"github.com/regulars-go/regulars/pipeline"
)

// script is what is played.
type script struct {
	defs      pipeline.Definitions
	entries   []entry   // in time order
	until     time.Time // the last day
	questions []question
}

// readScript reads the files that the options name.
func readScript(opts options, stdin io.Reader) (script, error) {
	defs, err := readDefinitions(opts.definitions, stdin)
	if err != nil {
		return script{}, err
	}
	entries, err := readLogs(opts, stdin)
	if err != nil {
		return script{}, err
	}
	s := script{defs: defs, entries: entries, until: opts.until, questions: opts.questions}
	if s.until.IsZero() {
		s.until = dayOf(entries[len(entries)-1].at)
	}
	s.entries = entries[:countBefore(entries, s.end())]
	return s, s.checkQuestions()
}

// start returns the first day.
func (s *script) start() time.Time {
	if len(s.entries) == 0 {
		return s.until
	}
	return dayOf(s.entries[0].at)
}

// end returns the midnight behind the last day.
func (s *script) end() time.Time { return s.until.Add(day) }
