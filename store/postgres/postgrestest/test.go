// Package postgrestest gives tests a real PostgreSQL: the database that is named in
// the environment, or else a throw-away server, started from the binaries that are
// installed. A server can be started on Unix systems alone; elsewhere, tests for which
// no database is named are skipped, and fail in CI. It is for tests alone.
//
// [Main] in TestMain and [Schema] in a test are all that most need.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Env names the variable that may hold the DSN of a database to test on, in which
// the role may create schemas.
const Env = "REGULARS_TEST_POSTGRES"

// shared is the server of a test binary.
var shared struct {
	once   sync.Once
	server *Server
	dsn    string
	err    error
}

// Main runs the tests of a binary and returns what to exit with. The server that
// they share is started by the first that needs it, and ends here.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.server != nil {
		if err := shared.server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		}
	}
	return code
}

// DSN returns where the tests' database is. Without any, the test is skipped; in CI,
// where CI=true, it fails.
func DSN(t testing.TB) string {
	t.Helper()
	shared.once.Do(func() {
		if shared.dsn = os.Getenv(Env); shared.dsn != "" {
			return
		}
		if shared.server, shared.err = Start(); shared.err == nil {
			shared.dsn = shared.server.DSN()
		}
	})
	Require(t, shared.err)
	return shared.dsn
}

// Require ends the test where a server could not be started.
func Require(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, ErrNoServer) && os.Getenv("CI") != "true":
		t.Skipf("%v; install it, or name a database in %s", err, Env)
	case err != nil:
		t.Fatalf("start PostgreSQL: %v", err)
	}
}

var schemas atomic.Int64

// Schema returns the name of a schema that does not exist, and removes it when the
// test ends.
func Schema(t testing.TB) string {
	t.Helper()
	dsn := DSN(t)
	name := fmt.Sprintf("t%d_%d", os.Getpid(), schemas.Add(1))
	t.Cleanup(func() {
		if err := drop(dsn, name); err != nil {
			t.Errorf("drop schema %s: %v", name, err)
		}
	})
	return name
}

func drop(dsn, schema string) error {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, "set client_min_messages to warning; drop schema if exists "+pgx.Identifier{schema}.Sanitize()+" cascade")
	return errors.Join(err, c.Close(ctx))
}

// With returns a DSN with a parameter added, as "pool_max_conns=4".
func With(dsn, parameter string) string {
	if !strings.Contains(dsn, "://") {
		return dsn + " " + parameter
	}
	if strings.Contains(dsn, "?") {
		return dsn + "&" + parameter
	}
	return dsn + "?" + parameter
}
