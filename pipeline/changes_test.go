package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/trigger"
)

// overheard is a store that says when somebody else has committed.
type overheard struct {
	store.Store
	changes chan struct{}
}

func (o *overheard) Changes(ctx context.Context) <-chan struct{} {
	out := make(chan struct{})
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case <-o.changes:
				out <- struct{}{}
			}
		}
	}()
	return out
}

func TestRunHeedsWhatTheStoreOverhears(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := &overheard{memory.New(), make(chan struct{})}
		d := of(nails(), sends("thanks", trigger.Purchase()))
		r := runs(t, d, func(c *pipeline.Config) { c.Store = shared })
		other, err := pipeline.New(pipeline.Config{Store: shared.Store, Definitions: d})
		require.NoError(t, err)

		begin := time.Now().UTC()
		require.NoError(t, other.Apply(t.Context(), customer.Customer{ID: "olga", Phones: phones}, bought("a", begin)))
		synctest.Wait()
		assert.Empty(t, r.sent, "the other engine's commit is not known")
		shared.changes <- struct{}{}
		synctest.Wait()
		assert.Equal(t, []time.Time{begin}, r.sent, "at once, and not a minute later")
		require.ErrorIs(t, r.stop(), context.Canceled)
	})
}
