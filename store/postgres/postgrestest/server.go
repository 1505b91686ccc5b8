//go:build unix

package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNoServer says that PostgreSQL is not installed.
var ErrNoServer = errors.New("no PostgreSQL is installed: initdb and postgres are neither in PATH nor where pg_config says")

// Server is a PostgreSQL of its own, in a directory that goes away with it. It
// listens on a socket there and is as fast as a server is that need not survive.
type Server struct {
	dir     string
	bin     string
	as      *syscall.Credential // nil: who runs the test
	process *exec.Cmd
}

// Start makes a database cluster and starts a server on it, with the given
// settings, as "max_connections=50", besides its own.
func Start(settings ...string) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin}
	if s.dir, err = os.MkdirTemp("", "regulars-pg"); err != nil {
		return nil, err
	}
	if err := errors.Join(s.impersonate(), s.initialise()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.Boot(settings...); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	return s, nil
}

// binaries returns the directory of initdb and postgres.
func binaries() (string, error) {
	for _, dir := range places() {
		if isFile(filepath.Join(dir, "initdb")) && isFile(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", ErrNoServer
}

// places returns the directories to look in: that of initdb in PATH, the one that
// pg_config names, and those where Debian installs each version, the newest first.
func places() (dirs []string) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	debian := filepath.Join(string(filepath.Separator), "usr", "lib", "postgresql", "*", "bin")
	found, _ := filepath.Glob(debian)
	slices.Reverse(found)
	return append(dirs, found...)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// impersonate gives the directory to the user postgres where the test runs as root,
// as whom PostgreSQL refuses to run.
func (s *Server) impersonate() error {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("PostgreSQL does not run as root: %w", err)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	s.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.dir, int(uid), int(gid))
}

func (s *Server) initialise() error {
	cmd := s.command("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir, cmd.Env = s.dir, []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = dieWithParent()
	cmd.SysProcAttr.Credential = s.as
	return cmd
}

// Boot starts the server, which must be down, and waits until it answers.
func (s *Server) Boot(settings ...string) error {
	args := []string{"-D", s.data(), "-k", s.dir}
	own := []string{
		"listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
		"max_connections=200", "shared_buffers=256MB", "max_wal_size=4GB",
	}
	for _, setting := range slices.Concat(own, settings) {
		args = append(args, "-c", setting)
	}
	s.process = s.command("postgres", args...)
	log, err := os.OpenFile(s.LogPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		return err
	}
	return s.await()
}

// LogPath returns the file the server logs to.
func (s *Server) LogPath() string { return filepath.Join(s.dir, "log") }

// await waits until the server answers.
func (s *Server) await() (err error) {
	for range 1000 {
		var c *pgx.Conn
		if c, err = pgx.Connect(context.Background(), s.DSN()); err == nil {
			return c.Close(context.Background())
		}
		time.Sleep(10 * time.Millisecond)
	}
	log, _ := os.ReadFile(s.LogPath())
	return fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, log)
}

// DSN returns where to connect to.
func (s *Server) DSN() string {
	return fmt.Sprintf("host=%s user=postgres dbname=postgres sslmode=disable", s.dir)
}

// Down stops the server at once, as a power cut would. What was written is kept:
// Boot starts it again.
func (s *Server) Down() error {
	if err := s.process.Process.Signal(syscall.SIGQUIT); err != nil {
		return err
	}
	_ = s.process.Wait() // it says that it was told to quit
	return nil
}

// Stop ends the server and removes its directory.
func (s *Server) Stop() error { return errors.Join(s.Down(), os.RemoveAll(s.dir)) }
