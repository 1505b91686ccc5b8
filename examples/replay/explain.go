package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
)

// question asks why a customer is in a segment or is not.
type question struct{ customer, segment string }

// parseQuestion reads CUSTOMER/SEGMENT. The last slash parts them, so that a
// customer's ID may have some too.
func parseQuestion(s string) (question, error) {
	slash := strings.LastIndexByte(s, '/')
	if slash <= 0 || slash == len(s)-1 {
		return question{}, errors.New("is no CUSTOMER/SEGMENT")
	}
	return question{s[:slash], s[slash+1:]}, nil
}

// checkQuestions tells of questions about segments that are not defined and
// customers who are not in the logs, before these are played.
func (s *script) checkQuestions() error {
	var faults []error
	for _, q := range s.questions {
		if !slices.ContainsFunc(s.defs.Segments, func(s segment.Segment) bool { return s.ID == q.segment }) {
			faults = append(faults, fmt.Errorf("-explain %s/%s: no segment %q is defined", q.customer, q.segment, q.segment))
		}
		if !slices.ContainsFunc(s.entries, func(e entry) bool { return e.input.CustomerID() == q.customer }) {
			faults = append(faults, fmt.Errorf("-explain %s/%s: there is no customer %q in the logs up to %s",
				q.customer, q.segment, q.customer, s.until.Format(dashedDay)))
		}
	}
	return errors.Join(faults...)
}

// explain answers questions as of now.
func explain(ctx context.Context, eng *pipeline.Engine, questions []question) ([]segment.Explanation, error) {
	var answers []segment.Explanation
	for _, q := range questions {
		answer, err := eng.Explain(ctx, q.customer, q.segment, time.Time{})
		if err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
	return answers, nil
}
