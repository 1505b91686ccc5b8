package compare

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/segment"
)

// languages are the hundred rules in all three languages.
type languages struct {
	rules []rule
	ours  *regulars
	expr  *exprRules
	cel   *celRules
}

func compile(tb testing.TB) *languages {
	l := &languages{rules: hundred()}
	var err error
	l.ours, err = newRegulars(l.rules)
	require.NoError(tb, err)
	l.expr, err = newExpr(l.rules)
	require.NoError(tb, err)
	l.cel, err = newCEL(l.rules)
	require.NoError(tb, err)
	return l
}

// A comparison is fair where all mean the same.
func TestAllLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	l, rng := compile(t), rand.New(rand.NewPCG(1, 2))
	require.Len(t, l.rules, 100)
	ours, inExpr, inCEL, seen := make([]bool, 100), make([]bool, 100), make([]bool, 100), make([][2]bool, 100)
	for range 2000 {
		f := shopper(rng)
		l.ours.evaluate(f, ours)
		require.NoError(t, l.expr.evaluate(newProfile(f), inExpr))
		require.NoError(t, l.cel.evaluate(newVariables(f), inCEL))
		for i, r := range l.rules {
			require.Equal(t, ours[i], inExpr[i], "expr: %s\n%s", r.text, r.of)
			require.Equal(t, ours[i], inCEL[i], "CEL: %s\n%s", r.text, r.of)
			if ours[i] {
				seen[i][1] = true
			} else {
				seen[i][0] = true
			}
		}
	}
	for i, r := range l.rules {
		require.Equal(t, [2]bool{true, true}, seen[i], "%s is true of some and false of others", r.of)
	}
}

// BenchmarkHundred evaluates the hundred rules for one customer of a thousand
// after the other. Beside what is true, regulars finds when that changes. What
// the other languages read of a customer is made ready beforehand. x-regulars is
// how many times as long it takes them, all three measured here by turns.
func BenchmarkHundred(b *testing.B) {
	l, rng, truths := compile(b), rand.New(rand.NewPCG(3, 4)), make([]bool, 100)
	var facts []*segment.Facts
	var profiles []*profile
	var vars []variables
	for i := range 1000 {
		facts = append(facts, shopper(rng))
		profiles = append(profiles, newProfile(facts[i]))
		vars = append(vars, newVariables(facts[i]))
	}
	ways := []struct {
		name string
		run  func(i int) error
	}{
		{"regulars", func(i int) error { l.ours.evaluate(facts[i], truths); return nil }},
		{"expr", func(i int) error { return l.expr.evaluate(profiles[i], truths) }},
		{"cel", func(i int) error { return l.cel.evaluate(vars[i], truths) }},
	}
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			theirs, ours := byTurns(b, way.run, ways[0].run)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				require.NoError(b, way.run(i%len(facts)))
			}
			b.ReportMetric(theirs/ours, "x-regulars")
		})
	}
}

// byTurns returns what so many customers take in f and in g, the best of many
// rounds.
func byTurns(b *testing.B, f, g func(i int) error) (float64, float64) {
	round := func(f func(int) error, best time.Duration) time.Duration {
		start := time.Now()
		for i := range 50 {
			require.NoError(b, f(i))
		}
		return min(best, time.Since(start))
	}
	bestF, bestG := time.Hour, time.Hour
	enough := 200 * time.Millisecond
	if testing.Short() {
		enough /= 20
	}
	for start := time.Now(); time.Since(start) < enough; {
		bestF, bestG = round(f, bestF), round(g, bestG)
	}
	return float64(bestF), float64(bestG)
}
