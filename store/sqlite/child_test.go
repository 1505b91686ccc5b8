package sqlite_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// childEnv names what the test binary is to do where it is not to test, but to be a
// process of its own, which may be killed.
const childEnv = "REGULARS_TEST_CHILD"

// children are the processes there are, by name, with their arguments.
var children = map[string]func(args []string) error{
	"works": workUntilKilled,
	"opens": openOnce,
	"plays": playUntilKilled,
}

func TestMain(m *testing.M) {
	run := children[os.Getenv(childEnv)]
	if run == nil {
		os.Exit(m.Run())
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child is a process that runs one of the children.
type child struct {
	*exec.Cmd
	output strings.Builder
}

func newChild(t *testing.T, name string, args ...string) *child {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	c := &child{Cmd: exec.CommandContext(t.Context(), self, args...)}
	c.Env = append(os.Environ(), childEnv+"="+name)
	c.Stdout, c.Stderr = &c.output, &c.output
	return c
}
