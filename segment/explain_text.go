package segment

import (
	"fmt"
	"strings"
	"time"
)

// String tells it all in lines of text, instants in UTC.
func (e Explanation) String() string { return e.In(time.UTC) }

// In tells it all in lines of text, instants on the clock of loc.
func (e Explanation) In(loc *time.Location) string {
	w := teller{loc: loc}
	verb := "is not in"
	if e.Member {
		verb = "is in"
	}
	w.line(0, "%s %s %q at %s%s%s%s%s", e.Customer, verb, e.Segment, w.when(e.At),
		w.at("since", e.Since), w.at("stays until", e.Stays), w.at("until", e.Until), w.at("at least until", e.Ahead))
	w.reason(1, "enter", &e.Enter)
	if e.Exit != nil {
		w.reason(1, "exit", e.Exit)
	}
	if len(e.Needs) > 0 {
		w.line(1, "to enter:")
	}
	for _, c := range e.Needs {
		w.change(2, &c)
	}
	return w.text.String()
}

// teller writes reasons as lines.
type teller struct {
	loc  *time.Location
	text strings.Builder
}

func (w *teller) line(depth int, format string, args ...any) {
	w.text.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&w.text, format, args...)
	w.text.WriteByte('\n')
}

func (w *teller) when(t time.Time) string {
	return t.In(w.loc).Format("2006-01-02 15:04:05.999999 MST")
}

// at tells an instant behind a word; nothing where there is none.
func (w *teller) at(word string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", " + word + " " + w.when(t)
}

func (w *teller) reason(depth int, name string, r *Reason) {
	holds := "no "
	if r.Holds {
		holds = "yes"
	}
	if name != "" {
		name += ": "
	}
	w.line(depth, "%s %s%s%s%s%s%s", holds, name, r.Rule, has(r.Has, r.Asked), w.by(r.By), w.at("until", r.Until), w.at("at least until", r.Ahead))
	for i := range r.Parts {
		name := ""
		if _, nested := r.of.(in); nested {
			name = [...]string{"enter", "exit"}[i]
		}
		w.reason(depth+1, name, &r.Parts[i])
	}
}

func has(value, asked string) string {
	switch {
	case asked == "":
		return ""
	case value == "":
		return ": has none"
	}
	return ": has " + value
}

func (w *teller) by(f Fact) string {
	switch {
	case f == Fact{} || f.Kind == "segment" || f.Kind == "card":
		return ""
	case f.At.IsZero():
		return fmt.Sprintf(" (%s %s)", f.Kind, f.ID)
	case f.ID == "":
		return fmt.Sprintf(" (%s of %s)", f.Kind, w.when(f.At))
	}
	return fmt.Sprintf(" (%s %s of %s)", f.Kind, f.ID, w.when(f.At))
}

func (w *teller) change(depth int, c *Change) {
	verb := "must become false"
	if c.To {
		verb = "must become true"
	}
	by := ""
	if !c.Until.IsZero() {
		by = ", which it does by itself at " + w.when(c.Until)
	}
	w.line(depth, "%s%s; %s%s", c.Rule, has(c.Has, c.Asked), verb, by)
}
