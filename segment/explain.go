package segment

import (
	"time"
)

// Explanation tells why a customer is in a segment or is not.
type Explanation struct {
	Customer string    `json:"customer"`
	Segment  string    `json:"segment"`
	At       time.Time `json:"at"`             // the instant that it is about
	Member   bool      `json:"member"`         // the customer is in the segment
	Since    time.Time `json:"since,omitzero"` // of a member
	// Stays is until when a member stays whatever happens; zero: not any longer.
	Stays time.Time `json:"stays,omitzero"`
	// Until is when that changes if nothing happens; zero: never, as far as it was
	// looked ahead.
	Until time.Time `json:"until,omitzero"`
	// Ahead is how far that was, where it was given up; zero: to the end. See
	// [Outlook].
	Ahead time.Time `json:"ahead,omitzero"`
	Enter Reason    `json:"enter"`
	Exit  *Reason   `json:"exit,omitempty"`
	// Needs is the smallest set of changes that would let someone in who is not,
	// taking each predicate for independent of the others; of several that are as
	// small, the one that comes by itself first. What cannot happen any more is left
	// out, such as that somebody never did what they did, and so are changes that
	// all come by themselves but not so that they let anyone in. That a purchase is
	// refunded can always happen, but not to a first one. It is empty where nothing
	// can let anyone in, or nothing is needed.
	Needs []Change `json:"needs,omitempty"`
}

// Reason is what one predicate has to say about a customer.
type Reason struct {
	Path  string    `json:"path"`            // its place in the segment: "enter.all[1]"
	Rule  string    `json:"rule"`            // what it asks, in words
	Holds bool      `json:"holds"`           // it is true
	Has   string    `json:"has,omitzero"`    // what the customer has of it; empty: nothing
	Asked string    `json:"asked,omitzero"`  // what that is compared with
	By    Fact      `json:"by,omitzero"`     // the newest fact that it counts
	Until time.Time `json:"until,omitzero"`  // when it flips if nothing happens, as [Set.Eval] tells; zero: never
	Ahead time.Time `json:"ahead,omitzero"`  // how far it was looked ahead, where it was given up
	Parts []Reason  `json:"parts,omitempty"` // what it is made of

	of Predicate
}

// Fact is something that happened to a customer.
type Fact struct {
	Kind string    `json:"kind"` // purchase, activity, card, cycle or segment
	ID   string    `json:"id,omitzero"`
	At   time.Time `json:"at,omitzero"`
}

// Change is one predicate that would have to change.
type Change struct {
	Path  string    `json:"path"`
	Rule  string    `json:"rule"`
	Has   string    `json:"has,omitzero"`
	Asked string    `json:"asked,omitzero"`
	To    bool      `json:"to"`             // what it has to become
	Until time.Time `json:"until,omitzero"` // when it does by itself; zero: it does not
}

// holding is what a customer has of what a leaf asks about.
type holding struct {
	Value string // empty: nothing
	Asked string
	By    Fact
}

// Explain tells why a customer is in a segment of the set or is not. The members
// are the customer's segments as they were settled at the instant of the facts.
// It reports false where the set has no such segment.
func (s *Set) Explain(id string, f *Facts, members []Membership) (Explanation, bool) {
	far := s.foreseen()
	place, ok := far.compiler.index[id]
	if !ok {
		return Explanation{}, false
	}
	x := explainer{set: far, members: members, told: make(map[string][]Reason)}
	x.horizon = horizon{facts: f, state: far.NewState(), room: maxRoom}
	x.state.Load(members)
	e := Explanation{Customer: f.Customer.ID, Segment: id, At: instantOf(f.now)}
	whole := far.watch(in(id))
	outlook := x.flip(&whole, far.cost(&whole))
	e.Member, e.Until, e.Ahead = outlook.Holds, outlook.Until, outlook.Ahead
	if i, found := Find(members, id); found {
		e.Since = members[i].Since
		e.Stays = far.rules[place].staying(f, e.Since)
	}
	e.Enter, e.Exit = x.sides(far.segments[place], "")
	if !e.Member {
		plan := planner{f, x.told, make(map[wanted]way)}
		top := Reason{of: in(id), Path: "segment", Rule: in(id).String(), Until: e.Until, Ahead: e.Ahead}
		e.Needs = plan.ripe(&top, true, plan.toEnter(&e.Enter, e.Exit)).changes
	}
	return e, true
}

// staying returns when the stay of a member ends; zero where it is over.
func (r *rule) staying(f *Facts, since time.Time) time.Time {
	if !r.stays {
		return time.Time{}
	}
	end := r.stay.after(f, since.UnixMicro())
	if end <= f.now {
		return time.Time{}
	}
	return flipOf(end)
}

// explainer gathers reasons.
type explainer struct {
	horizon // of all reasons together
	set     *Set
	members []Membership
	told    map[string][]Reason // of segments, their enter and exit
}

func (x *explainer) sides(s Segment, path string) (enter Reason, exit *Reason) {
	enter, _ = x.reason(s.Enter, path+"enter")
	if s.Exit != nil {
		out, _ := x.reason(s.Exit, path+"exit")
		exit = &out
	}
	return enter, exit
}

func (x *explainer) reason(p Predicate, path string) (Reason, watched) {
	r := Reason{Path: path, of: p}
	var w watched
	if whole, ok := p.(parent); ok {
		r.Rule = whole.title()
		w = x.parts(whole, &r)
	} else {
		r.Rule = p.String()
		w = x.set.watch(p)
	}
	outlook := x.flip(&w, x.set.cost(&w))
	r.Holds, r.Until, r.Ahead = outlook.Holds, outlook.Until, outlook.Ahead
	switch p := p.(type) {
	case in:
		x.nested(p, &r)
	case leaf:
		found := p.has(x.facts)
		r.Has, r.Asked, r.By = found.Value, found.Asked, found.By
	}
	return r, w
}

// parts tells the reasons of what a predicate is made of, and joins these.
func (x *explainer) parts(p parent, r *Reason) watched {
	whole := watched{size: 1}
	var kids []eval
	for _, part := range p.parts() {
		reason, kid := x.reason(part.of, r.Path+part.path)
		r.Parts = append(r.Parts, reason)
		kids = append(kids, kid.eval)
		whole.size += kid.size
		if kid.below != nil && whole.below == nil {
			whole.below = newBits(len(x.set.rules))
		}
		whole.below.merge(kid.below)
	}
	whole.eval = p.join(kids)
	return whole
}

// nested tells the reasons of another segment, unless they were told before.
func (x *explainer) nested(p in, r *Reason) {
	id := string(p)
	r.By = Fact{Kind: "segment", ID: id}
	if i, found := Find(x.members, id); found {
		r.By.At = x.members[i].Since
	}
	if x.told[id] != nil {
		return
	}
	enter, exit := x.sides(x.set.segments[x.set.compiler.index[id]], r.Path+".segment.")
	r.Parts = append(r.Parts, enter)
	if exit != nil {
		r.Parts = append(r.Parts, *exit)
	}
	x.told[id] = r.Parts
}
