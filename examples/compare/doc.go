// Package compare evaluates the same hundred rules of a shop three times: as
// segments of regulars, and in the two rule languages that Go programs embed
// most, expr (github.com/expr-lang/expr) and CEL (github.com/google/cel-go). Its
// tests say that all three mean the same, its benchmarks how long each takes.
//
// It is a module of its own, so that regulars does not depend on either.
package compare
