package pipeline_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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

// What comes by the clock after a redefinition comes at its minute, and nothing
// else does.
func TestModelMinuteByMinuteAgreesThroughARedefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves, worlds := g.life(&w, 1, func(s *script) { s.short = true })
		for i := range worlds {
			explain(t, &worlds[i], nil)
		}
		explain(t, &world{}, moves)
		l := newLab(t, w)
		l.model.crawls = true
		for _, m := range moves {
			l.play(m)
		}
		l.play(move{now: moves[len(moves)-1].now.Add(4 * time.Hour)})
	})
}

// Bringing over is as pure as any step: done again, it gives the same, and it
// changes nothing that it was given.
func TestBringingOverIsPure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves, _ := g.life(&w, 2, func(*script) {})
		l := newLab(t, w)
		l.cfg.Store = &pure{Store: l.cfg.Store, t: t}
		l.restart()
		for _, m := range moves {
			r, ok := m.input.(redefinition)
			if !ok {
				l.feed([]move{m}, never)
				continue
			}
			l.clock.set(m.now)
			_, err := l.Redefine(context.Background(), r.to.definitions(), r.options)
			require.NoError(t, err)
		}
	})
}
