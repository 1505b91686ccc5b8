package postgres_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store/postgres"
)

// BenchmarkProcesses claims wake-ups as BenchmarkClaim does: in two processes, each
// with a store and connections of its own, beside one that does as many. Two came to
// 1.5 to 1.9 of one: there were two cores, for them and for the server.
func BenchmarkProcesses(b *testing.B) {
	x := filled(b, "store", 10_000)
	const batches = 4
	one, other := hireClaimer(b, x), hireClaimer(b, x)
	beside(b, batches*claimed,
		rival{"one-process", func() error { return one.await(one.order(batches)) }},
		rival{"", func() error {
			err := errors.Join(one.order(batches/2), other.order(batches/2))
			return errors.Join(one.await(err), other.await(err))
		}})
}

// claimer is a process that claims wake-ups when it is told to.
type claimer struct {
	orders io.Writer
	done   *bufio.Reader
}

func hireClaimer(b *testing.B, x *bench) *claimer {
	b.Helper()
	text, err := json.Marshal(job{DSN: x.dsn, Schema: x.schema, Claims: true})
	require.NoError(b, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), jobEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(b, err)
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	c := &claimer{orders: in, done: bufio.NewReader(out)}
	require.NoError(b, c.await(c.order(1))) // it is connected then
	return c
}

// order has the process claim so many batches.
func (c *claimer) order(batches int) error {
	_, err := fmt.Fprintln(c.orders, batches)
	return err
}

// await waits until it has, if it was told to.
func (c *claimer) await(err error) error {
	if err == nil {
		_, err = c.done.ReadString('\n')
	}
	return err
}

// claimAsTold is what the process does, until its standard input ends.
func claimAsTold(ctx context.Context, j job) error {
	s, err := postgres.Open(ctx, j.DSN, postgres.Options{Schema: j.Schema})
	if err != nil {
		return err
	}
	defer s.Close()
	x := &bench{Store: s}
	for {
		var batches int
		if _, err := fmt.Fscanln(os.Stdin, &batches); err != nil {
			return nil // the end
		}
		for range batches {
			if err := x.claim(); err != nil {
				return err
			}
		}
		fmt.Println("done")
	}
}
