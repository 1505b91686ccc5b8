package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
)

// What is committed within a pause, on the clock that was given, is announced once,
// behind it.
func TestAnnouncementsArePaced(t *testing.T) {
	t.Parallel()
	schema, still := postgrestest.Schema(t), clock.NewMock()
	s, err := postgres.Open(t.Context(), postgrestest.DSN(t), postgres.Options{Schema: schema, Clock: still})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	channel := "regulars " + schema
	c, err := pgx.Connect(t.Context(), postgrestest.DSN(t))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close(context.Background())) })
	_, err = c.Exec(t.Context(), "listen "+pgx.Identifier{channel}.Sanitize())
	require.NoError(t, err)
	heard := make(chan string, 100)
	go func() {
		for {
			n, err := c.WaitForNotification(t.Context())
			if err != nil || n.Payload == "end" {
				close(heard)
				return
			}
			heard <- n.Payload
		}
	}()
	for i := range 10 {
		change := created(fmt.Sprint("c", i))
		change.Record.AsOf, change.Record.Wake = noon, noon.Add(time.Second)
		require.NoError(t, s.Commit(t.Context(), change))
		if i == 0 {
			<-heard // at once
		}
	}
	for waiting := true; waiting; {
		still.Add(time.Second)
		select {
		case <-heard:
			waiting = false
		default:
		}
	}
	_, err = newPool(t, "").Exec(t.Context(), `select pg_notify($1, 'end')`, channel)
	require.NoError(t, err)
	more := 0
	for range heard {
		more++
	}
	assert.Zero(t, more, "one for all the others")
}
