//go:build linux

package sqlite_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/sqlite"
	"github.com/regulars-go/regulars/trigger"
)

// alone runs the test that calls it in a process of its own, in the folder, as who it
// is told; in that process it returns true.
func alone(t *testing.T, dir string, as *syscall.Credential) bool {
	t.Helper()
	if os.Getenv(childEnv) == t.Name() {
		return true
	}
	self := filepath.Join(string(filepath.Separator), "proc", "self", "exe") // whoever it is may run it
	if as == nil {
		var err error
		self, err = os.Executable()
		require.NoError(t, err)
	}
	c := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), childEnv+"="+t.Name(), "TMPDIR="+dir)
	c.Dir, c.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as}
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "--- PASS: "+t.Name())
	return false
}

// limitFiles lets no file of this process be larger than so many bytes; 0: any may.
// A write beyond it ends as on a full disk: some of it is written, and then no more.
func limitFiles(t *testing.T, bytes uint64) {
	t.Helper()
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	if limit.Cur = limit.Max; bytes > 0 {
		limit.Cur = bytes
	}
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
}

// An engine works until the disk is full, wherever in the log that is: what was taken
// in stays, what failed never was, and it goes on when there is room.
func TestEngineOnAFullDisk(t *testing.T) {
	t.Parallel()
	if !alone(t, t.TempDir(), nil) {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	path := inDir(t)
	s := modernc(t, path)
	now := &hands{Clock: clock.New(), now: noon}
	e, err := pipeline.New(pipeline.Config{Store: s, Clock: now, Definitions: day(), Notifier: trigger.Print(io.Discard)})
	require.NoError(t, err)
	for round := range 12 {
		id := fmt.Sprint("c", round)
		require.NoError(t, e.Apply(t.Context(), bearer(id)))
		card := bearer(id + "-large")
		card.Name = strings.Repeat("Olga", 10_000)
		before := contents(t, s)
		limitFiles(t, uint64(len(file(t, path+"-wal"))+round*4000+100))
		inputs := []customer.Input{card, bought(id, "1", 0), bought(card.ID, "1", 0)}
		err := e.Apply(t.Context(), inputs...)
		require.Error(t, err)
		t.Log(err)
		assert.NotContains(t, err.Error(), "Olga", "no personal data")
		require.ErrorIs(t, err, store.ErrOutcomeUnknown)
		_, err = e.Tick(t.Context())
		require.NoError(t, err, "nothing is due, which takes no room")
		require.Equal(t, before, contents(t, s), "nothing is half-written")
		limitFiles(t, 0)
		require.NoError(t, e.Apply(t.Context(), inputs...), "there is room again")
		now.now = now.now.Add(time.Minute)
		p, err := e.Tick(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, p.Sent)
	}
}

// nobody returns a user who may do no more than files and folders allow, and gives
// them the folder; nil where the test has no more rights itself.
func nobody(t *testing.T, dir string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	const id = 65534
	require.NoError(t, os.Chown(dir, id, id))
	return &syscall.Credential{Uid: id, Gid: id}
}

func TestReadOnlyFileAndFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if os.Getenv(childEnv) == "" && !alone(t, dir, nobody(t, dir)) {
		return
	}
	path := inDir(t)
	s := modernc(t, path)
	require.NoError(t, s.Commit(t.Context(), olga()))
	before := contents(t, s)
	require.NoError(t, s.Close())
	igor := olga()
	igor.Record.Customer.ID = "igor"
	for _, x := range []struct {
		path        string
		shut, again os.FileMode
	}{{path, 0o444, 0o600}, {filepath.Dir(path), 0o555, 0o755}} {
		require.NoError(t, os.Chmod(x.path, x.shut))
		s, err := sqlite.Open(t.Context(), path)
		if err == nil { // what is there can be read
			assert.Equal(t, before, contents(t, s))
			err = s.Commit(t.Context(), igor)
			assert.NoError(t, s.Close())
		}
		require.Error(t, err)
		require.Regexp(t, "readonly|unable to open", err.Error())
		t.Log(err)
		require.NoError(t, os.Chmod(x.path, x.again))
		for _, beside := range []string{"-wal", "-shm"} { // which SQLite makes as it finds the file
			if err := os.Chmod(path+beside, 0o600); err != nil {
				require.ErrorIs(t, err, os.ErrNotExist)
			}
		}
		s, err = sqlite.Open(t.Context(), path)
		require.NoError(t, err)
		assert.Equal(t, before, contents(t, s))
		require.NoError(t, s.Close())
	}
	require.NoError(t, modernc(t, path).Commit(t.Context(), igor), "as soon as it may be written")
}
