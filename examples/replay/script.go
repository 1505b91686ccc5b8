package main

import (
	"io"
	"time"

	"github.com/regulars-go/regulars/pipeline"
)

// script is what is played.
type script struct {
	defs      pipeline.Definitions
	history             // in time order, to the last day
	until     time.Time // the last day
	questions []question
}

// readScript reads the files that the options name.
func readScript(opts options, stdin io.Reader) (script, error) {
	defs, err := readDefinitions(opts.definitions, stdin)
	if err != nil {
		return script{}, err
	}
	h, err := readLogs(opts, stdin)
	if err != nil {
		return script{}, err
	}
	s := script{defs: defs, history: h, until: opts.until, questions: opts.questions}
	if s.until.IsZero() {
		s.until = dayOf(h.entries[len(h.entries)-1].at)
	}
	s.entries = h.entries[:countBefore(h.entries, s.end())]
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
