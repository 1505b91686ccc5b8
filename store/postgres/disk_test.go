//go:build linux

package postgres_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
)

// limitFiles lets no file that the server writes for its clients be larger than so many
// bytes. A write beyond it ends as on a full disk: some of it is written, and then no more.
func limitFiles(t *testing.T, admin *pgxpool.Pool, bytes string) {
	t.Helper()
	var dir string
	require.NoError(t, admin.QueryRow(t.Context(), `show data_directory`).Scan(&dir))
	text, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	require.NoError(t, err)
	server, _, _ := strings.Cut(string(text), "\n")
	owner, err := os.Stat(dir)
	require.NoError(t, err)
	limit := func(pid string) {
		cmd := exec.CommandContext(t.Context(), "prlimit", "--pid="+pid, "--fsize="+bytes+":")
		if os.Getuid() == 0 { // who must be whose processes they are
			is := owner.Sys().(*syscall.Stat_t)
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: is.Uid, Gid: is.Gid}}
		}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	limit(server) // from which new connections inherit it
	rows, err := admin.Query(t.Context(), `select pid::text from pg_stat_activity where backend_type = 'client backend'`)
	require.NoError(t, err)
	pids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	for _, pid := range pids {
		limit(pid)
	}
}

// A server has no more room for a table. What was taken in stays, what failed never
// was; the engines that run go on, and so does who failed when there is room.
func TestEngineOnAFullDisk(t *testing.T) {
	t.Parallel()
	server, err := postgrestest.Start()
	postgrestest.Require(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Stop()) })
	admin, err := pgxpool.New(t.Context(), server.DSN())
	require.NoError(t, err)
	t.Cleanup(admin.Close)
	s, err := postgres.Open(t.Context(), server.DSN(), postgres.Options{})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	sent := running(t, s)
	e, err := pipeline.New(pipeline.Config{Store: s, Definitions: thanks()})
	require.NoError(t, err)
	require.NoError(t, e.AddCustomer(t.Context(), customer.Customer{ID: "olga", Phones: []string{"+49170"}}))
	limitFiles(t, admin, strconv.Itoa(17<<20+100)) // more than a file of the log

	random := make([]byte, 1<<20) // it cannot be packed
	source := rand.NewChaCha8([32]byte{1})
	var inputs []customer.Input
	var before []any
	for i := 0; err == nil; i++ {
		require.Less(t, i, 100)
		_, _ = source.Read(random)
		id := fmt.Sprint("c", i)
		inputs = []customer.Input{
			customer.Customer{ID: id, Name: "Olga " + base64.StdEncoding.EncodeToString(random), Phones: []string{"+49170"}},
			customer.Purchase{ID: "o", Customer: id, At: noon},
		}
		before = everything(t, s)
		err = e.Apply(t.Context(), inputs...)
	}
	var fault *pgconn.PgError
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, "53100", fault.Code, err)
	require.NotErrorIs(t, err, store.ErrOutcomeUnknown, "the server has rolled it back")
	assert.NotContains(t, err.Error(), "Olga", "no personal data")
	assert.Equal(t, before, everything(t, s), "nothing is half-written")
	require.NoError(t, e.RecordPurchase(t.Context(), purchase("o1")), "where there is room, all goes on")
	soon(t, sent, "olga/thank/1/0")

	limitFiles(t, admin, "unlimited")
	require.NoError(t, e.Apply(t.Context(), inputs...))
	loaded, err := s.Load(t.Context(), store.Request{Customer: inputs[1].CustomerID()})
	require.NoError(t, err)
	assert.Equal(t, 1, loaded[0].Record.Totals.Count)
}
