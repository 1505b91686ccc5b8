package sqlite

import "fmt"

// corrupt says whose data cannot be read, which only a bug or a broken disk
// makes.
func corrupt(id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("customer %s: %w", id, err)
}
