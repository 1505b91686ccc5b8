package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// readFile has the file read, or standard input where path is "-": unpacked where
// gzip packed it, without a byte order mark. Errors name the file.
func readFile[T any](path string, stdin io.Reader, read func(*bufio.Reader) (T, error)) (T, error) {
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			var none T
			return none, inFile(path, errors.Unwrap(err)) // which does not name it
		}
		defer f.Close()
		stdin = f
	}
	var content T
	in, err := plain(stdin)
	if err == nil {
		content, err = read(in)
	}
	return content, inFile(path, err)
}

// plain returns the text of a file.
func plain(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte("\x1f\x8b")) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReader(unpacked)
	}
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) { // as spreadsheets write it
		_, _ = in.Discard(3)
	}
	return in, nil
}

// inFile names the file in an error, in each of them where several are joined.
func inFile(path string, err error) error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return fmt.Errorf("%s: %w", path, err)
	}
	var named []error
	for _, err := range joined.Unwrap() {
		named = append(named, inFile(path, err))
	}
	return errors.Join(named...)
}

// lineError tells which line of a log is bad, and why.
type lineError struct {
	line int
	err  error
}

// Error names the line and the reason.
func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }

// Unwrap returns the reason.
func (e *lineError) Unwrap() error { return e.err }
