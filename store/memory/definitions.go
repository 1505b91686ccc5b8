package memory

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/regulars-go/regulars/store"
)

// SaveDefinitions implements [store.Store].
func (s *Store) SaveDefinitions(ctx context.Context, version string, document []byte) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case version == "":
		return errors.New("save definitions: the version is empty; name it")
	case len(document) == 0:
		return fmt.Errorf("save definitions %q: the document is empty", version)
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
