// Package storetest is the contract of [store.Store] as executable tests.
// Whoever writes a store runs it in a test of their own:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return mystore.New() })
//	}
//
// There is one named subtest per rule, and a failure ends with the sentence of
// the contract that was broken. No test sleeps or reads a clock, but for those
// that try to make concurrent callers collide.
package storetest

import (
	"slices"
	"testing"

	"github.com/regulars-go/regulars/store"
)

// rule is one sentence of the contract and the test that proves it.
type rule struct {
	name     string
	sentence string
	test     func(t *testing.T, s store.Store)
}

// Run checks every rule of the contract, each on a store of its own: open
// returns an empty one and sees to it, with t.Cleanup, that it is closed. The
// rules run in parallel.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	rules := slices.Concat(
		commitRules, roundTripRules, historyRules, wakeUpRules,
		deliveryRules, settleRules, findRules, sequenceRules, definitionsRules, pruneRules, clockRules,
		copyRules, concurrencyRules,
	)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("The contract of store.Store was broken: %s", r.sentence)
				}
			})
			r.test(t, open(t))
		})
	}
}
