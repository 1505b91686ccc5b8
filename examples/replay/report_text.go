package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"
)

// writeText writes the report for people, in the order of the definitions.
func (r *report) writeText(w io.Writer) error {
	t := table{w: w, width: r.widest()}
	t.heading("State at the end of " + r.Until)
	t.row("customers", r.Customers)
	t.row("purchases", r.Purchases)
	t.row("total", formatAmount(r.TotalMinor))
	t.row("activities", r.Activities)
	if r.LeftOut != nil {
		t.heading("Rows of the purchase log left out")
	}
	for _, reason := range slices.Sorted(maps.Keys(r.LeftOut)) {
		t.row(reason, r.LeftOut[reason])
	}
	r.writeDefined(&t)
	t.heading("The run")
	t.row("wake-ups", r.WakeUps)
	t.row("wall time", fmt.Sprintf("%.2f s", r.Seconds))
	t.row("peak heap", fmt.Sprintf("%.1f MB", float64(r.PeakHeap)/1e6))
	for _, e := range r.Explanations {
		t.printf("\n%s", e)
	}
	return t.err
}

// writeDefined writes what became of the definitions.
func (r *report) writeDefined(t *table) {
	for _, p := range r.defs.Pipelines {
		t.heading("Customers per stage of " + p.ID)
		for _, s := range p.Stages {
			t.row(s.ID, r.Stages[p.ID][s.ID])
		}
	}
	if len(r.defs.Segments) > 0 {
		t.heading("Members per segment")
	}
	for _, s := range r.defs.Segments {
		t.row(s.ID, r.Segments[s.ID])
	}
	t.heading("Events by kind")
	for _, kind := range slices.Sorted(maps.Keys(r.Events)) {
		t.row(kind, r.Events[kind])
	}
	if len(r.defs.Triggers) > 0 {
		t.heading("Deliveries by trigger")
	}
	for _, d := range r.defs.Triggers {
		t.row(d.ID, r.Deliveries[d.ID])
	}
}

// widest returns how many characters the longest name in the report has, or 18
// where all are shorter.
func (r *report) widest() int {
	widest := 18
	look := func(name string) { widest = max(widest, utf8.RuneCountInString(name)) }
	for _, p := range r.defs.Pipelines {
		for _, s := range p.Stages {
			look(s.ID)
		}
	}
	for _, s := range r.defs.Segments {
		look(s.ID)
	}
	for _, t := range r.defs.Triggers {
		look(t.ID)
	}
	return widest
}

// table writes rows of a name and a number, and keeps the first error.
type table struct {
	w     io.Writer
	width int // of the names
	any   bool
	err   error
}

func (t *table) heading(text string) {
	if t.any {
		t.printf("\n")
	}
	t.any = true
	t.printf("%s\n", text)
}

func (t *table) row(name string, value any) { t.printf("  %-*s %12v\n", t.width, name, value) }

func (t *table) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}
