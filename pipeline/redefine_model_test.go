package pipeline_test

import (
	"testing"

	"pgregory.net/rapid"
)

func TestModelAgreesThroughRedefinitions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves, worlds := g.life(&w, 1+g.n("times", 2), func(*script) {})
		for i := range worlds {
			explain(t, &worlds[i], nil)
		}
		explain(t, &world{}, moves)
		l := newLab(t, w)
		for _, m := range moves {
			l.play(m)
		}
		l.play(move{now: moves[len(moves)-1].now.AddDate(0, 3, 0)})
	})
}
