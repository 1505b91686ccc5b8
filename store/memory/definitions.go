package memory

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/regulars-go/regulars/store"
)

// SaveDefinitions implements [store.Store].
func (s *Store) SaveDefinitions(ctx context.Context, version string, document []byte) error {
	if err := cmp.Or(ctx.Err(), store.CheckDefinitions(version, document)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, saved := s.definitions[version]; !saved {
		s.definitions[strings.Clone(version)] = string(document)
	}
	return nil
}

// Definitions implements [store.Store].
func (s *Store) Definitions(ctx context.Context, version string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	document, saved := s.definitions[version]
	if !saved {
		return nil, fmt.Errorf("definitions %q: %w", version, store.ErrUnknown)
	}
	return []byte(document), nil
}
