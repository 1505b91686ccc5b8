package main

import (
	"fmt"
	"strings"
)

// faults is all that is wrong with what was sent to the shop.
type faults []string

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// Error tells all of it.
func (f faults) Error() string { return strings.Join(f, "; ") }

// err returns nil where nothing is wrong.
func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
