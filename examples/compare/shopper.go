package compare

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

const secondsOfDay = 24 * 60 * 60

var (
	now        = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	tags       = []string{"vip", "staff", "sweet", "wholesale", "beta", "gift", "complained", "letters", "press", "local"}
	stages     = []string{"thanks", "waiting", "motivate", "due", "overdue"}
	categories = []string{"cake", "tea", "coffee"}
	activities = []string{"page_view", "email_open", "cart_add", "review"}
)

// shopper returns the facts about a random customer. Things happen at noon or
// midnight, so that many of them lie on the very edge of a window.
func shopper(rng *rand.Rand) *segment.Facts {
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	card := &customer.Customer{
		ID: "c", Since: before(rng, 400), Source: pick("", "ads", "friend", "shop"),
		Manager: pick("", "ann", "bob"), Locale: pick("", "de", "de-AT", "en-GB"),
	}
	for _, tag := range tags {
		if rng.IntN(4) == 0 {
			card.Tags = append(card.Tags, tag)
		}
	}
	if rng.IntN(4) > 0 {
		card.Fields = card.Fields.With("size", customer.Number(float64(34+rng.IntN(14))))
	}
	if rng.IntN(2) > 0 {
		card.Fields = card.Fields.With("pet", customer.Text(pick("cat", "dog")))
	}
	if rng.IntN(3) > 0 {
		card.Consents = []customer.Consent{{Channel: "email", Granted: rng.IntN(2) > 0}}
	}
	f := &segment.Facts{Customer: card, Totals: new(customer.Totals), Zone: time.UTC}
	if rng.IntN(4) > 0 {
		f.Cycles = []customer.Cycle{{Pipeline: "monthly", Stage: pick(stages...)}}
	}
	buy(f, rng)
	act(f, rng)
	f.At(now)
	return f
}

// before returns an instant of the last so many days, now included.
func before(rng *rand.Rand, days int) time.Time {
	return now.Add(-time.Duration(rng.IntN(2*days)) * 12 * time.Hour)
}

// buy makes up to twelve purchases of the last year, some of which were paid back.
func buy(f *segment.Facts, rng *rand.Rand) {
	for i := range rng.IntN(13) {
		p := customer.Purchase{ID: fmt.Sprint(i), At: before(rng, 365), Amount: int64(10_00 + rng.IntN(60)*1_00)}
		p.Items = []customer.Item{{Category: categories[rng.IntN(len(categories))], Amount: p.Amount}}
		if rng.IntN(10) == 0 {
			p.Refunds = []customer.Refund{{ID: "r", Amount: p.Amount, At: now}}
		}
		f.Totals.Add(&p)
		f.Purchases = append(f.Purchases, p)
	}
	slices.SortFunc(f.Purchases, func(a, b customer.Purchase) int { return a.Compare(&b) })
}

func act(f *segment.Facts, rng *rand.Rand) {
	for i := range rng.IntN(21) {
		a := customer.Activity{ID: fmt.Sprint(i), Name: activities[rng.IntN(len(activities))], At: before(rng, 40)}
		f.Activities = append(f.Activities, a)
	}
	slices.SortFunc(f.Activities, func(a, b customer.Activity) int { return a.Compare(&b) })
}

// history is what the other languages ask about the past: in Go, for a condition
// in their own terms for each purchase would take them several times as long.
type history struct{ *segment.Facts }

// within reports whether something was in the last so many days.
func within(at time.Time, days int) bool { return now.Sub(at) < time.Duration(days)*24*time.Hour }

func (h history) bought(days int) int {
	n := 0
	for i := len(h.Purchases) - 1; i >= 0 && within(h.Purchases[i].At, days); i-- {
		if h.Purchases[i].Counts() {
			n++
		}
	}
	return n
}

func (h history) paid(days int) int {
	var sum int64
	for i := len(h.Purchases) - 1; i >= 0 && within(h.Purchases[i].At, days); i-- {
		sum += h.Purchases[i].Net()
	}
	return int(sum)
}

func (h history) boughtOf(category string, days int) int {
	n := 0
	for i := len(h.Purchases) - 1; i >= 0 && within(h.Purchases[i].At, days); i-- {
		p := &h.Purchases[i]
		is := func(item customer.Item) bool { return item.Category == category }
		if p.Counts() && slices.ContainsFunc(p.Items, is) {
			n++
		}
	}
	return n
}

func (h history) did(activity string, days int) int {
	n := 0
	for i := len(h.Activities) - 1; i >= 0 && within(h.Activities[i].At, days); i-- {
		if h.Activities[i].Name == activity {
			n++
		}
	}
	return n
}
