package compare

import (
	"fmt"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// rule is one rule, as a predicate and as a text, which expr and CEL read alike.
type rule struct {
	of   segment.Predicate
	text string
}

func both(a, b rule) rule {
	return rule{segment.All(a.of, b.of), fmt.Sprintf("(%s) && (%s)", a.text, b.text)}
}

func either(a, b rule) rule {
	return rule{segment.Any(a.of, b.of), fmt.Sprintf("(%s) || (%s)", a.text, b.text)}
}

func not(a rule) rule { return rule{segment.Not(a.of), fmt.Sprintf("!(%s)", a.text)} }

// hundred returns rules of one to four conditions, as shops write them.
func hundred() []rule {
	rules := thirty()
	for i := range 10 {
		amount := int64(20_00 + i*4_00)
		rich, many := spent(amount*7), orders(i+1)
		rules = append(rules,
			both(rich, many),
			both(rich, not(tagged(i))),
			both(many, both(average(amount), not(tagged((i+3)%10)))),
			either(largest(amount), either(staged(i), average(amount/2))),
			both(staged(i), both(rich, either(many, largest(amount)))),
			both(carded(i), not(tagged(i))),
			sized(36+i),
		)
	}
	return rules
}

// thirty returns those of the hundred that depend on time.
func thirty() []rule {
	var rules []rule
	for i := range 8 {
		rules = append(rules, asleep(10*(i+1)))
	}
	for i := range 4 {
		rules = append(rules,
			both(asleep(15*(i+1)), not(tagged(i))),
			both(not(asleep(20*(i+1))), spent(int64(i+1)*60_00)),
			both(did("page_view", 2<<i, i+1), not(tagged(i+4))))
	}
	for i, d := range []int{30, 90, 180} {
		rules = append(rules,
			either(bought(d, i+2), staged(i)),
			both(paid(d, 80_00), not(tagged(i))),
			boughtOf(categories[i], 30*(i+1)))
	}
	return append(rules, joined(180))
}

func tagged(i int) rule {
	return rule{segment.HasTag(tags[i]), fmt.Sprintf("%q in tags", tags[i])}
}

// carded returns a question about the card.
func carded(i int) rule {
	switch i % 5 {
	case 0:
		return rule{segment.FromSource("ads", "friend"), `source in ["ads", "friend"]`}
	case 1:
		return rule{segment.Card(segment.CardLanguage, segment.Equal, "de"), `language == "de"`}
	case 2:
		return rule{segment.ManagedBy("ann"), `manager == "ann"`}
	case 3:
		return rule{segment.Field("pet", segment.Equal, customer.Text("cat")), `"pet" in texts && texts["pet"] == "cat"`}
	}
	return rule{segment.Consent("email", segment.Granted), `"email" in consents && consents["email"]`}
}

func sized(n int) rule {
	return rule{
		segment.Field("size", segment.AtLeast, customer.Number(float64(n))),
		fmt.Sprintf(`"size" in numbers && numbers["size"] >= %d.0`, n),
	}
}

func staged(i int) rule {
	stage := stages[i%len(stages)]
	return rule{segment.InStage("monthly", stage), fmt.Sprintf("stage == %q", stage)}
}

func spent(amount int64) rule {
	return rule{segment.Spent(segment.AtLeast, amount), fmt.Sprintf("spent >= %d", amount)}
}

func orders(n int) rule {
	return rule{segment.Purchases{}.Count(segment.AtLeast, int64(n)), fmt.Sprintf("orders >= %d", n)}
}

func average(amount int64) rule {
	return rule{segment.Purchases{}.Average(segment.AtLeast, amount), fmt.Sprintf("orders > 0 && spent >= %d * orders", amount)}
}

func largest(amount int64) rule {
	return rule{segment.Purchases{}.Largest(segment.AtLeast, amount), fmt.Sprintf("orders > 0 && largest >= %d", amount)}
}

func asleep(days int) rule {
	return rule{segment.NoPurchaseFor(customer.Days(days)), fmt.Sprintf("orders > 0 && now - last >= %d", days*secondsOfDay)}
}

func joined(days int) rule {
	return rule{segment.Created().Within(customer.Days(days)), fmt.Sprintf("now - since < %d", days*secondsOfDay)}
}

func bought(days, n int) rule {
	of := segment.Purchases{Within: customer.Days(days)}.Count(segment.AtLeast, int64(n))
	return rule{of, fmt.Sprintf("history.bought(%d) >= %d", days, n)}
}

func paid(days int, amount int64) rule {
	of := segment.Purchases{Within: customer.Days(days)}.Total(segment.AtLeast, amount)
	return rule{of, fmt.Sprintf("history.paid(%d) >= %d", days, amount)}
}

func boughtOf(category string, days int) rule {
	return rule{segment.Bought(category, customer.Days(days)), fmt.Sprintf("history.boughtOf(%q, %d) >= 1", category, days)}
}

func did(activity string, days, n int) rule {
	of := segment.Activities{Name: activity, Within: customer.Days(days)}.Count(segment.AtLeast, int64(n))
	return rule{of, fmt.Sprintf("history.did(%q, %d) >= %d", activity, days, n)}
}
