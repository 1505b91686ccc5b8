package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
)

// report is what a replay ends with.
type report struct {
	Until      string                    `json:"until"`
	Customers  int                       `json:"customers"`
	Purchases  int                       `json:"purchases"`
	TotalMinor int64                     `json:"total_minor"`
	Stages     map[string]map[string]int `json:"stages"`     // pipeline, stage: customers
	Segments   map[string]int            `json:"segments"`   // segment: members
	Events     map[string]int            `json:"events"`     // kind: count
	Deliveries map[string]int            `json:"deliveries"` // trigger: count of those that were sent
	WakeUps    int                       `json:"wakeups"`    // that ticks processed
	Seconds    float64                   `json:"seconds"`
	PeakHeap   uint64                    `json:"peak_heap_bytes"`
}

// newReport returns a report that has everything defined in it, at zero.
func newReport() report {
	r := report{
		Stages:     make(map[string]map[string]int),
		Segments:   make(map[string]int),
		Events:     make(map[string]int),
		Deliveries: make(map[string]int),
	}
	for _, p := range shop.Pipelines {
		r.Stages[p.ID] = make(map[string]int)
		for _, s := range p.Stages {
			r.Stages[p.ID][s.ID] = 0
		}
	}
	for _, s := range shop.Segments {
		r.Segments[s.ID] = 0
	}
	for _, t := range shop.Triggers {
		r.Deliveries[t.ID] = 0
	}
	return r
}

// tally counts what the engine knows of all customers.
func tally(ctx context.Context, eng *pipeline.Engine) (report, error) {
	r := newReport()
	for rec, err := range eng.Customers(ctx, store.Query{}) {
		if err != nil {
			return r, err
		}
		if err := r.add(ctx, eng, rec); err != nil {
			return r, err
		}
	}
	for d, err := range eng.Deliveries(ctx, store.DeliveryQuery{States: []store.DeliveryState{store.Sent}}) {
		if err != nil {
			return r, err
		}
		r.Deliveries[d.Trigger]++
	}
	return r, nil
}

// add counts a customer in.
func (r *report) add(ctx context.Context, eng *pipeline.Engine, rec store.Record) error {
	if r.TotalMinor > math.MaxInt64-rec.Totals.Total {
		return errors.New("the total is larger than can be counted")
	}
	r.Customers++
	r.Purchases += rec.Totals.Count
	r.TotalMinor += rec.Totals.Total
	for _, c := range rec.Cycles {
		r.Stages[c.Pipeline][c.Stage]++
	}
	for _, m := range rec.Segments {
		r.Segments[m.Segment]++
	}
	for e, err := range eng.Timeline(ctx, rec.Customer.ID) {
		if err != nil {
			return err
		}
		r.Events[e.Kind.String()]++
	}
	return nil
}

// writeJSON writes the report as one object.
func (r *report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// writeText writes the report for people, in the order of the definitions.
func (r *report) writeText(w io.Writer) error {
	t := table{w: w}
	t.heading("State at the end of " + r.Until)
	t.row("customers", r.Customers)
	t.row("purchases", r.Purchases)
	t.row("total", formatAmount(r.TotalMinor))
	for _, p := range shop.Pipelines {
		t.heading("Customers per stage of " + p.ID)
		for _, s := range p.Stages {
			t.row(s.ID, r.Stages[p.ID][s.ID])
		}
	}
	t.heading("Members per segment")
	for _, s := range shop.Segments {
		t.row(s.ID, r.Segments[s.ID])
	}
	t.heading("Events by kind")
	for _, kind := range slices.Sorted(maps.Keys(r.Events)) {
		t.row(kind, r.Events[kind])
	}
	t.heading("Deliveries by trigger")
	for _, tr := range shop.Triggers {
		t.row(tr.ID, r.Deliveries[tr.ID])
	}
	t.heading("The run")
	t.row("wake-ups", r.WakeUps)
	t.row("wall time", fmt.Sprintf("%.2f s", r.Seconds))
	t.row("peak heap", fmt.Sprintf("%.1f MB", float64(r.PeakHeap)/1e6))
	return t.err
}

// table writes rows of a name and a number, and keeps the first error.
type table struct {
	w   io.Writer
	any bool
	err error
}

func (t *table) heading(text string) {
	if t.any {
		t.printf("\n")
	}
	t.any = true
	t.printf("%s\n", text)
}

func (t *table) row(name string, value any) { t.printf("  %-18s %12v\n", name, value) }

func (t *table) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}
