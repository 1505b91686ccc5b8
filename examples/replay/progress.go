package main

import (
	"fmt"
	"io"
	"os"
	"runtime/metrics"
	"strings"
)

// bar is a progress bar. The zero bar shows nothing.
type bar struct {
	w       io.Writer
	total   int
	percent int // shown
}

const barWidth = 40

// newBar returns a bar on a file that is a terminal, else one that shows nothing.
func newBar(f *os.File, total int) *bar {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &bar{}
	}
	return &bar{w: f, total: total, percent: -1}
}

// show draws how much is done, where that has changed by a percent.
func (b *bar) show(done int) {
	if b.w == nil || b.total == 0 || done*100/b.total == b.percent {
		return
	}
	b.percent = done * 100 / b.total
	full := done * barWidth / b.total
	fmt.Fprintf(b.w, "\r[%s%s] %3d %%", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), b.percent)
}

// clear wipes the bar out.
func (b *bar) clear() {
	if b.w != nil {
		fmt.Fprintf(b.w, "\r%s\r", strings.Repeat(" ", barWidth+8))
	}
}

// heapPeak is the largest heap seen, in bytes.
type heapPeak struct {
	most   uint64
	sample [1]metrics.Sample
}

// look measures the heap, without stopping the program.
func (h *heapPeak) look() {
	h.sample[0].Name = "/memory/classes/heap/objects:bytes"
	metrics.Read(h.sample[:])
	h.most = max(h.most, h.sample[0].Value.Uint64())
}
