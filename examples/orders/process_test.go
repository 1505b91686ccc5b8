package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// program is the binary that the tests start, built by the first.
var program struct {
	once sync.Once
	dir  string
	err  error
}

func binary(t *testing.T) string {
	t.Helper()
	program.once.Do(func() {
		if program.dir, program.err = os.MkdirTemp("", "orders"); program.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", filepath.Join(program.dir, "orders"), ".").CombinedOutput(); err != nil {
			program.err = fmt.Errorf("go build: %w: %s", err, out)
		}
	})
	require.NoError(t, program.err)
	return filepath.Join(program.dir, "orders")
}

// process is the program, running.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	done    chan struct{} // closed when it has ended
	address chan string   // where it serves, once it does
}

var servingAt = regexp.MustCompile(`msg=serving addr=(\S+)`)

// launch starts a process on a database, which ends when the test does.
func launch(t *testing.T, cfg config, args ...string) *process {
	t.Helper()
	p := &process{t: t, done: make(chan struct{}), address: make(chan string, 1)}
	p.cmd = exec.Command(binary(t), append(args, "-db", cfg.db, "-schema", cfg.schema)...)
	stderr, err := p.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.done)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			fmt.Fprintf(t.Output(), "%d %s\n", p.cmd.Process.Pid, lines.Text())
			if m := servingAt.FindStringSubmatch(lines.Text()); m != nil {
				p.address <- m[1]
			}
		}
		_ = p.cmd.Wait() // ended says how
	}()
	t.Cleanup(p.kill)
	return p
}

// url returns where the process serves.
func (p *process) url() string {
	p.t.Helper()
	select {
	case address := <-p.address:
		return "http://" + address
	case <-p.done:
		require.Fail(p.t, "the process has ended")
	case <-time.After(patience):
		require.Fail(p.t, "the process does not serve")
	}
	return ""
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.done
}

// ask asks the process to end.
func (p *process) ask() { require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM)) }

// ended waits for the process to end and returns its exit code.
func (p *process) ended() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		require.Fail(p.t, "the process does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// patience is how long a test waits for what should come at once.
const patience = 30 * time.Second
