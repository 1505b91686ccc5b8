package pipeline_test

import (
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// consistent follows a timeline from its first event to its last: nobody enters
// where they are, nobody leaves where they are not, and in the end the customer
// is where the record says.
func consistent(t require.TestingT, rec store.Record, events []customer.Event) {
	stages, members := make(map[string]string), make(map[string]bool)
	for _, e := range events {
		switch e.Kind {
		case customer.StageEntered:
			require.Empty(t, stages[e.Pipeline], "entered %s", line(e))
			stages[e.Pipeline] = e.Stage
		case customer.StageLeft:
			require.Equal(t, stages[e.Pipeline], e.Stage, "left %s", line(e))
			delete(stages, e.Pipeline)
		case customer.SegmentEntered:
			require.False(t, members[e.Segment], "entered twice: %s", line(e))
			members[e.Segment] = true
		case customer.SegmentLeft:
			require.True(t, members[e.Segment], "left twice: %s", line(e))
			delete(members, e.Segment)
		}
	}
	for _, c := range rec.Cycles {
		require.Equal(t, c.Stage, stages[c.Pipeline], "pipeline %s", c.Pipeline)
		delete(stages, c.Pipeline)
	}
	require.Empty(t, stages)
	for _, m := range rec.Segments {
		require.True(t, members[m.Segment], "segment %s", m.Segment)
	}
	require.Len(t, rec.Segments, len(members))
}
