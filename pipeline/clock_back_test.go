package pipeline_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/trigger"
)

// wrong is a wall clock that is wrong by so much; its timers are not.
type wrong struct {
	clock.Clock
	by atomic.Int64
}

func (w *wrong) Now() time.Time { return w.Clock.Now().Add(time.Duration(w.by.Load())) }

// Run does what is due within a minute of the clock being set, and looks no more often
// than that while it waits for the clock to come round again.
func TestRunWhileTheClockIsSet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, w := new(faulty), &wrong{Clock: clock.New()}
		r := runs(t, of(nails(often), sends("wait", trigger.StageEntered("nails", "waiting")), sends("due", trigger.StageEntered("nails", "due"))),
			onFaulty(f), func(c *pipeline.Config) { c.Clock = w })
		r.must(customer.Customer{ID: "olga", Phones: phones}, bought("a", time.Now()))
		pass(8 * time.Hour)
		require.Empty(t, r.sent)

		w.by.Store(int64(-24 * time.Hour)) // it is one day earlier now
		looks := f.looks()
		pass(48 * time.Hour)
		require.Empty(t, r.sent, "its time has not come, as far as anybody knows")
		assert.LessOrEqual(t, f.looks()-looks, 2*48*60+4, "once a minute, for wake-ups and deliveries")
		pass(2 * time.Hour)
		require.Len(t, r.sent, 1, "at the instant on the clock")
		assert.Equal(t, at("2000-01-02 09:00"), r.sent[0].Add(-24*time.Hour))

		w.by.Store(0) // and it is right again, a day later: "due" is late
		pass(time.Minute)
		require.Len(t, r.sent, 2)
		assert.Equal(t, []string{
			"01-01 00:00 stage_entered nails/thanks #1", "01-02 09:00 stage_entered nails/waiting #1", "01-03 09:00 stage_entered nails/due #1",
		}, r.lines(customer.StageEntered), "each once, at its own time")
		require.ErrorIs(t, r.stop(), context.Canceled)
	})
}
