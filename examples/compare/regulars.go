package compare

import (
	"strconv"

	"github.com/regulars-go/regulars/segment"
)

// regulars evaluates the rules as segments.
type regulars struct{ state *segment.State }

func newRegulars(rules []rule) (*regulars, error) {
	var segments []segment.Segment
	for i, r := range rules {
		segments = append(segments, segment.Segment{ID: strconv.Itoa(i), Enter: r.of})
	}
	yes := segment.Names{HasPipeline: func(string) bool { return true }, HasStage: func(string, string) bool { return true }}
	set, err := segment.Compile(segments, yes)
	if err != nil {
		return nil, err
	}
	return &regulars{set.NewState()}, nil
}

// evaluate tells which rules are true of a customer, and finds when time alone
// will change one of them, which the other languages do not.
func (r *regulars) evaluate(f *segment.Facts, truths []bool) {
	clear(truths)
	r.state.Load(nil)
	r.state.MarkAll()
	r.state.Settle(f, func(id string, entered bool) {
		i, _ := strconv.Atoi(id)
		truths[i] = entered
	})
}
