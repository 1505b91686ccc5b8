package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/regulars-go/regulars/pipeline"
)

// work sends what is due, and moves on whom the clock moves on, until ctx ends.
func (s *shop) work(ctx context.Context) error {
	// A release may come with other definitions than the one before: customers are
	// brought over to these. Where nobody is left, this only looks.
	done, err := s.engine.Redefine(ctx, s.engine.Definitions(), pipeline.RedefineOptions{})
	switch {
	case ctx.Err() != nil:
		return nil
	case errors.Is(err, pipeline.ErrUnsettled):
		s.log.ErrorContext(ctx, "definitions do not settle", "error", err)
	case err != nil:
		return fmt.Errorf("bring customers over to the definitions: %w", err)
	}
	s.log.InfoContext(ctx, "working", "definitions", done.Version, "brought over", done.Customers)
	if err := s.engine.Run(ctx); ctx.Err() == nil {
		return err
	}
	s.log.Info("stopped working")
	return nil
}
