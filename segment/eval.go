package segment

import (
	"cmp"
	"math"
	"slices"
)

// never is the flip of what time alone does not change.
const never int64 = math.MaxInt64

// eval is a compiled predicate, as one of two functions. Neither heeds that
// stages and other segments may move as time passes; those have flips of their
// own.
type eval struct {
	// steady tells the truth where time alone never changes it.
	steady func(*Facts) bool
	// timed tells the truth at f.now, and the instant until which it holds at
	// least.
	timed func(*Facts) (truth bool, until int64)
	// not: the predicate is true where the function says that it is not.
	not bool
}

func steady(truth func(*Facts) bool) eval { return eval{steady: truth} }

func timed(truth func(*Facts) (bool, int64)) eval { return eval{timed: truth} }

func (e *eval) ask(f *Facts) (truth bool, until int64) {
	if e.steady != nil {
		return e.steady(f) != e.not, never
	}
	truth, until = e.timed(f)
	return truth != e.not, until
}

// upright returns the predicate as one whose function says what is true.
func (e eval) upright() eval {
	switch {
	case !e.not:
		return e
	case e.steady != nil:
		return steady(func(f *Facts) bool { return !e.steady(f) })
	}
	return timed(func(f *Facts) (bool, int64) {
		truth, until := e.timed(f)
		return !truth, until
	})
}

func opposite(kid eval) eval {
	kid.not = !kid.not
	return kid
}

// combine joins predicates of which one that is deciding settles it: a false
// one under all, a true one under any. What time cannot change is asked first,
// for if it decides, the rest need not be asked.
func combine(kids []eval, deciding bool) eval {
	var steadies []vote
	var timeds []eval
	for _, kid := range kids {
		if kid.steady != nil {
			steadies = append(steadies, vote{kid.steady, deciding != kid.not})
		} else {
			timeds = append(timeds, kid)
		}
	}
	if len(timeds) == 0 {
		return steady(seek(steadies, deciding))
	}
	rest := timed(func(f *Facts) (bool, int64) { return combineTimed(f, timeds, deciding) })
	if len(timeds) == 1 {
		rest = timeds[0]
	}
	if len(steadies) == 0 {
		return rest
	}
	return unless(steadies, deciding, rest)
}

// vote is a predicate that decides where the function answers so.
type vote struct {
	of      func(*Facts) bool
	decides bool
}

// unless asks the rest where none of the votes decides.
func unless(votes []vote, deciding bool, rest eval) eval {
	if len(votes) == 1 { // as usual; without another call
		a := votes[0]
		return timed(func(f *Facts) (bool, int64) {
			if a.of(f) == a.decides {
				return deciding, never
			}
			truth, until := rest.timed(f)
			return truth != rest.not, until
		})
	}
	decided := seek(votes, true)
	return timed(func(f *Facts) (bool, int64) {
		if decided(f) {
			return deciding, never
		}
		truth, until := rest.timed(f)
		return truth != rest.not, until
	})
}

// seek returns found where one of the votes decides, else its opposite.
func seek(votes []vote, found bool) func(*Facts) bool {
	switch len(votes) { // the usual few, without a loop
	case 1:
		a := votes[0]
		return func(f *Facts) bool { return (a.of(f) == a.decides) == found }
	case 2:
		a, b := votes[0], votes[1]
		return func(f *Facts) bool { return (a.of(f) == a.decides || b.of(f) == b.decides) == found }
	}
	return func(f *Facts) bool {
		for i := range votes {
			if votes[i].of(f) == votes[i].decides {
				return found
			}
		}
		return !found
	}
}

// combineTimed holds undecided until the earliest flip of the predicates.
// Decided, it holds at least until the latest flip of those that decide.
func combineTimed(f *Facts, kids []eval, deciding bool) (truth bool, until int64) {
	truth, until = !deciding, never
	for i := range kids {
		kidTruth, kidUntil := kids[i].ask(f)
		switch {
		case kidTruth == deciding && kidUntil == never:
			return deciding, never
		case kidTruth == deciding && truth != deciding:
			truth, until = deciding, kidUntil
		case kidTruth == deciding:
			until = max(until, kidUntil)
		case truth != deciding:
			until = min(until, kidUntil)
		}
	}
	return truth, until
}

// atLeast is true where n of the predicates are.
func atLeast(n int, kids []eval) eval {
	plain := true
	for i := range kids {
		plain = plain && kids[i].steady != nil
	}
	if plain {
		return steady(func(f *Facts) bool {
			count := 0
			for i := range kids {
				if count += oneIf(kids[i].steady(f) != kids[i].not); count >= n {
					return true
				}
			}
			return false
		})
	}
	return timed(func(f *Facts) (bool, int64) { return countTimed(f, kids, n) })
}

// countTimed holds at least until the first flip after which the count could
// be on the other side: where more than enough are true, or more than one is
// missing, several have to flip.
func countTimed(f *Facts, kids []eval, n int) (truth bool, until int64) {
	count, begin := 0, len(f.flips) // those before are of predicates that this one is part of
	for i := range kids {
		kidTruth, kidUntil := kids[i].ask(f)
		count += oneIf(kidTruth)
		f.flips = append(f.flips, flip{kidUntil, kidTruth})
	}
	flips := f.flips[begin:]
	f.flips = f.flips[:begin]
	truth = count >= n
	spare := count - n // so many may flip before it matters
	if !truth {
		spare = n - count - 1
	}
	flips = slices.DeleteFunc(flips, func(x flip) bool { return x.truth != truth })
	slices.SortFunc(flips, func(a, b flip) int { return cmp.Compare(a.at, b.at) })
	return truth, flips[spare].at
}

// flip is when a predicate changes, and what it is until then.
type flip struct {
	at    int64
	truth bool
}
