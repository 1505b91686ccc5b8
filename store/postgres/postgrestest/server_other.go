//go:build !unix

package postgrestest

import "errors"

// ErrNoServer says that no server can be started here.
var ErrNoServer = errors.New("a PostgreSQL of a test's own is started on Unix systems only")

// Server is a PostgreSQL of its own, of which there is none on this system.
type Server struct{}

// Start fails with [ErrNoServer].
func Start(...string) (*Server, error) { return nil, ErrNoServer }

// Boot fails with [ErrNoServer].
func (*Server) Boot(...string) error { return ErrNoServer }

// LogPath returns "".
func (*Server) LogPath() string { return "" }

// DSN returns "".
func (*Server) DSN() string { return "" }

// Down fails with [ErrNoServer].
func (*Server) Down() error { return ErrNoServer }

// Stop fails with [ErrNoServer].
func (*Server) Stop() error { return ErrNoServer }
