package compare

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// profile is the customer as expr reads one. Instants are seconds.
type profile struct {
	Now      int                `expr:"now"`
	Since    int                `expr:"since"`
	Last     int                `expr:"last"`
	Orders   int                `expr:"orders"`
	Spent    int                `expr:"spent"`
	Largest  int                `expr:"largest"`
	Source   string             `expr:"source"`
	Manager  string             `expr:"manager"`
	Language string             `expr:"language"`
	Stage    string             `expr:"stage"`
	Tags     []string           `expr:"tags"`
	Texts    map[string]string  `expr:"texts"`
	Numbers  map[string]float64 `expr:"numbers"`
	Consents map[string]bool    `expr:"consents"`
	History  functions          `expr:"history"`
}

// functions are the methods of a history, as expr calls them fastest.
type functions struct {
	Bought   func(days int) int                  `expr:"bought"`
	Paid     func(days int) int                  `expr:"paid"`
	BoughtOf func(category string, days int) int `expr:"boughtOf"`
	Did      func(activity string, days int) int `expr:"did"`
}

func newProfile(f *segment.Facts) *profile {
	card, h := f.Customer, history{f}
	p := &profile{
		Now: int(now.Unix()), Since: int(card.Since.Unix()), Last: int(f.Totals.Last.Unix()),
		Orders: f.Totals.Count, Spent: int(f.Totals.Total), Largest: int(f.Totals.Max),
		Source: card.Source, Manager: card.Manager, Tags: card.Tags,
		Texts: make(map[string]string), Numbers: make(map[string]float64), Consents: make(map[string]bool),
		History: functions{h.bought, h.paid, h.boughtOf, h.did},
	}
	p.Language, _, _ = strings.Cut(card.Locale, "-")
	for _, x := range card.Fields {
		if text, ok := x.Value.AsText(); ok {
			p.Texts[x.Name] = text
		} else if number, ok := x.Value.AsNumber(); ok {
			p.Numbers[x.Name] = number
		}
	}
	for _, x := range card.Consents {
		p.Consents[x.Channel] = x.Granted
	}
	if c := customer.FindCycle(f.Cycles, "monthly"); c != nil {
		p.Stage = c.Stage
	}
	return p
}

// exprRules evaluates the rules in expr.
type exprRules struct {
	programs []*vm.Program
	machine  vm.VM
}

func newExpr(rules []rule) (*exprRules, error) {
	var e exprRules
	for i, r := range rules {
		program, err := expr.Compile(r.text, expr.Env(&profile{}), expr.AsBool())
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i, err)
		}
		e.programs = append(e.programs, program)
	}
	return &e, nil
}

func (e *exprRules) evaluate(p *profile, truths []bool) error {
	for i, program := range e.programs {
		truth, err := e.machine.Run(program, p)
		if err != nil {
			return fmt.Errorf("rule %d: %w", i, err)
		}
		truths[i] = truth.(bool)
	}
	return nil
}
