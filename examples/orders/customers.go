package main

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// signUp is how a customer becomes known.
type signUp struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Zone  string `json:"zone"` // as "Europe/Berlin"; empty: UTC
}

// check returns everything that is wrong with the sign-up.
func (u *signUp) check() error {
	var f faults
	if !plainID.MatchString(u.ID) {
		f.add(notPlainID, "id", u.ID)
	}
	if u.Name == "" || len(u.Name) > 200 || strings.ContainsFunc(u.Name, unicode.IsControl) {
		f.add("name: has %d bytes; use 1 to 200 and no control characters", len(u.Name))
	}
	if at := strings.IndexByte(u.Email, '@'); at < 1 || at == len(u.Email)-1 || len(u.Email) > 254 || strings.ContainsFunc(u.Email, isNoAddress) {
		f.add("email: is no address, such as olga@example.org")
	}
	if _, err := time.LoadLocation(u.Zone); err != nil || u.Zone == "Local" {
		f.add("zone: %.80q is not known; use a name such as Europe/Berlin", u.Zone)
	}
	return f.err()
}

func isNoAddress(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }

// signUp adds a customer. The same again changes nothing; another under the same ID
// is refused.
func (s *shop) signUp(ctx context.Context, u signUp) error {
	return s.engine.AddCustomer(ctx, customer.Customer{ID: u.ID, Name: u.Name, Emails: []string{u.Email}, Zone: u.Zone, Source: "web"})
}

// standing is where a customer stands.
type standing struct {
	ID        string     `json:"id"`
	Purchases int        `json:"purchases"`
	Total     int64      `json:"total"` // cents
	Stages    []inStage  `json:"stages"`
	Segments  []inMember `json:"segments"`
}

// inStage is the stage a customer is in, in one pipeline.
type inStage struct {
	Pipeline string    `json:"pipeline"`
	Stage    string    `json:"stage"`
	Since    time.Time `json:"since"`
	Next     time.Time `json:"next_purchase,omitzero"` // when the next purchase is expected
	Closed   string    `json:"closed,omitempty"`       // why the cycle is over
}

// inMember is a segment a customer is in.
type inMember struct {
	Segment string    `json:"segment"`
	Since   time.Time `json:"since"`
}

// standing returns where a customer stands, on the customer's own clock.
func (s *shop) standing(ctx context.Context, id string) (standing, error) {
	rec, err := s.engine.Customer(ctx, id)
	if err != nil {
		return standing{}, err
	}
	zone, err := time.LoadLocation(rec.Customer.Zone)
	if err != nil {
		return standing{}, err
	}
	return standingOf(&rec, zone), nil
}

func standingOf(rec *store.Record, zone *time.Location) standing {
	in := standing{
		ID: rec.Customer.ID, Purchases: rec.Totals.Count, Total: rec.Totals.Total,
		Stages: []inStage{}, Segments: []inMember{},
	}
	for _, c := range rec.Cycles {
		stage := inStage{Pipeline: c.Pipeline, Stage: c.Stage, Since: c.Entered.In(zone), Closed: c.Closed}
		if !c.Next.IsZero() {
			stage.Next = c.Next.In(zone)
		}
		in.Stages = append(in.Stages, stage)
	}
	for _, m := range rec.Segments {
		in.Segments = append(in.Segments, inMember{m.Segment, m.Since.In(zone)})
	}
	return in
}
