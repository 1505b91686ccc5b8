package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lifecycle is how a shop parts its customers by when they last bought, when
// they first did, and how much they spend at a time. Everybody is in exactly
// one of the classes.
type lifecycle struct {
	active, warm, cold after // up to when behind the last purchase somebody is that
	high               int64 // average amount
}

var classes = []string{
	"inactive", "cold", "warm high value", "warm low value", "new warm", "active high value", "active low value", "new active",
}

// newcomer is the class of those who have not bought yet.
const newcomer = "(none yet)"

func (l lifecycle) class(p past) string {
	switch {
	case p.count() == 0:
		return newcomer
	case p.ago(l.cold):
		return "inactive"
	case p.ago(l.warm):
		return "cold"
	case p.ago(l.active):
		return l.valued("warm", l.warm, p)
	}
	return l.valued("active", l.active, p)
}

func (l lifecycle) valued(class string, fresh after, p past) string {
	switch {
	case p.now.Before(fresh(p.first())):
		return "new " + class
	case p.average() >= l.high:
		return class + " high value"
	}
	return class + " low value"
}

// rules are those of the lifecycle's file: the classes, and what they are made
// of.
func (l lifecycle) rules() map[string]rule {
	all := map[string]rule{
		"active":     func(p past) bool { return !p.ago(l.active) },
		"warm":       func(p past) bool { return p.ago(l.active) && !p.ago(l.warm) },
		"high value": func(p past) bool { return p.average() >= l.high },
	}
	for _, c := range classes {
		all[c] = func(p past) bool { return l.class(p) == c }
	}
	return all
}

// moves counts who came from which class into which.
type moves map[[2]string]int

// naiveMoves works out the moves between two days.
func (l lifecycle) naiveMoves(customers map[string][]bought, from, to string) moves {
	m := make(moves)
	for id, all := range customers {
		p := past{id: id, all: all}
		m[[2]string{l.class(p.until(endOf(from))), l.class(p.until(endOf(to)))}]++
	}
	return m
}

// seenMoves works them out from the members of segments on these days.
func seenMoves(t *testing.T, customers map[string][]bought, before, now members) moves {
	t.Helper()
	m := make(moves)
	for id := range customers {
		m[[2]string{before.class(t, id), now.class(t, id)}]++
	}
	return m
}

func (m members) class(t *testing.T, id string) string {
	t.Helper()
	class := newcomer
	for _, c := range classes {
		if m[c][id] {
			require.Equal(t, newcomer, class, "%s is in two classes", id)
			class = c
		}
	}
	return class
}

// table shows the moves, from the classes of the rows to those of the columns.
func (m moves) table(from, to string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "From %s (rows) to %s (columns)\n\n%17s", from, to, "")
	all := append([]string{newcomer}, classes...)
	for _, to := range all {
		fmt.Fprintf(&b, "  %s", to)
	}
	for _, from := range all {
		fmt.Fprintf(&b, "\n%-17s", from)
		for _, to := range all {
			fmt.Fprintf(&b, "  %*d", len(to), m[[2]string{from, to}])
		}
	}
	return b.String() + "\n"
}

// checkMoves compares the moves between the days, one by one and from the first
// to the last, and keeps their tables in a golden file.
func (d *dataset) checkMoves(t *testing.T, customers map[string][]bought, seen map[string]members) {
	t.Helper()
	var tables []string
	for i, to := range d.lifeDays[1:] {
		from := d.lifeDays[i]
		want := d.life.naiveMoves(customers, from, to)
		assert.Equal(t, want, seenMoves(t, customers, seen[from], seen[to]))
		tables = append(tables, want.table(from, to))
	}
	if !sampling() {
		golden(t, strings.TrimSuffix(d.lifeFile, ".json")+".golden", []byte(strings.Join(tables, "\n")))
	}
}
