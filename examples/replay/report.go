package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// report is what a replay ends with.
type report struct {
	Until      string                    `json:"until"`
	Customers  int                       `json:"customers"`
	Purchases  int                       `json:"purchases"`
	TotalMinor int64                     `json:"total_minor"`
	Activities int                       `json:"activities"`
	Stages     map[string]map[string]int `json:"stages"`             // pipeline, stage: customers
	Segments   map[string]int            `json:"segments"`           // segment: members
	Events     map[string]int            `json:"events"`             // kind: count
	Deliveries map[string]int            `json:"deliveries"`         // trigger: count of those that were sent
	LeftOut    map[string]int            `json:"left_out,omitempty"` // reason: rows of the purchase log
	WakeUps    int                       `json:"wakeups"`            // that ticks processed

	Explanations []segment.Explanation `json:"explanations,omitempty"`

	Seconds  float64 `json:"seconds"`
	PeakHeap uint64  `json:"peak_heap_bytes"`

	defs pipeline.Definitions
}

// newReport returns a report that has everything defined in it, at zero.
func newReport(defs pipeline.Definitions) report {
	r := report{
		defs:       defs,
		Stages:     make(map[string]map[string]int),
		Segments:   make(map[string]int),
		Events:     make(map[string]int),
		Deliveries: make(map[string]int),
	}
	for _, p := range r.defs.Pipelines {
		r.Stages[p.ID] = make(map[string]int)
		for _, s := range p.Stages {
			r.Stages[p.ID][s.ID] = 0
		}
	}
	for _, s := range r.defs.Segments {
		r.Segments[s.ID] = 0
	}
	for _, t := range r.defs.Triggers {
		r.Deliveries[t.ID] = 0
	}
	return r
}

// tally counts what the engine knows of all customers.
func (r *report) tally(ctx context.Context, eng *pipeline.Engine) error {
	for rec, err := range eng.Customers(ctx, store.Query{}) {
		if err != nil {
			return err
		}
		if err := r.add(ctx, eng, rec); err != nil {
			return err
		}
	}
	for d, err := range eng.Deliveries(ctx, store.DeliveryQuery{States: []store.DeliveryState{store.Sent}}) {
		if err != nil {
			return err
		}
		r.Deliveries[d.Trigger]++
	}
	return nil
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
		if e.Kind == customer.Acted {
			r.Activities++
		}
	}
	return nil
}

// writeJSON writes the report as one object.
func (r *report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}
