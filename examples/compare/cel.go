package compare

import (
	"fmt"
	"reflect"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/regulars-go/regulars/segment"
)

// variables are the customer as CEL reads one: values of its own, so that none
// has to be converted while a rule is evaluated.
type variables map[string]ref.Val

func newVariables(f *segment.Facts) variables {
	p, to := newProfile(f), types.DefaultTypeAdapter.NativeToValue
	return variables{
		"now": to(p.Now), "since": to(p.Since), "last": to(p.Last),
		"orders": to(p.Orders), "spent": to(p.Spent), "largest": to(p.Largest),
		"source": to(p.Source), "manager": to(p.Manager), "language": to(p.Language), "stage": to(p.Stage),
		"tags": to(p.Tags), "texts": to(p.Texts), "numbers": to(p.Numbers), "consents": to(p.Consents),
		"history": celHistory{history{f}},
	}
}

// ResolveName makes the variables a cel.Activation.
func (v variables) ResolveName(name string) (any, bool) {
	value, ok := v[name]
	return value, ok
}

// Parent makes the variables a cel.Activation.
func (v variables) Parent() cel.Activation { return nil }

// celRules evaluates the rules in CEL.
type celRules struct{ programs []cel.Program }

func newCEL(rules []rule) (*celRules, error) {
	env, err := cel.NewEnv(environment()...)
	if err != nil {
		return nil, err
	}
	var c celRules
	for i, r := range rules {
		ast, issues := env.Compile(r.text)
		if issues.Err() != nil {
			return nil, fmt.Errorf("rule %d: %w", i, issues.Err())
		}
		program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i, err)
		}
		c.programs = append(c.programs, program)
	}
	return &c, nil
}

func (c *celRules) evaluate(v variables, truths []bool) error {
	for i, program := range c.programs {
		truth, _, err := program.Eval(v)
		if err != nil {
			return fmt.Errorf("rule %d: %w", i, err)
		}
		truths[i] = truth == types.True
	}
	return nil
}

var historyType = cel.OpaqueType("history")

// environment declares the variables and the methods of a history.
func environment() []cel.EnvOption {
	var options []cel.EnvOption
	declare := func(t *cel.Type, names ...string) {
		for _, name := range names {
			options = append(options, cel.Variable(name, t))
		}
	}
	declare(cel.IntType, "now", "since", "last", "orders", "spent", "largest")
	declare(cel.StringType, "source", "manager", "language", "stage")
	declare(cel.ListType(cel.StringType), "tags")
	declare(cel.MapType(cel.StringType, cel.StringType), "texts")
	declare(cel.MapType(cel.StringType, cel.DoubleType), "numbers")
	declare(cel.MapType(cel.StringType, cel.BoolType), "consents")
	declare(historyType, "history")
	return append(options,
		ofDays("bought", history.bought), ofDays("paid", history.paid),
		ofName("boughtOf", history.boughtOf), ofName("did", history.did))
}

func ofDays(name string, method func(history, int) int) cel.EnvOption {
	bind := cel.BinaryBinding(func(h, days ref.Val) ref.Val {
		return types.Int(method(h.(celHistory).history, int(days.(types.Int))))
	})
	return cel.Function(name, cel.MemberOverload("history_"+name, []*cel.Type{historyType, cel.IntType}, cel.IntType, bind))
}

func ofName(name string, method func(history, string, int) int) cel.EnvOption {
	bind := cel.FunctionBinding(func(args ...ref.Val) ref.Val {
		return types.Int(method(args[0].(celHistory).history, string(args[1].(types.String)), int(args[2].(types.Int))))
	})
	of := []*cel.Type{historyType, cel.StringType, cel.IntType}
	return cel.Function(name, cel.MemberOverload("history_"+name, of, cel.IntType, bind))
}

// celHistory is a history as a value of CEL.
type celHistory struct{ history }

// ConvertToNative is part of ref.Val; rules do not convert a history.
func (h celHistory) ConvertToNative(reflect.Type) (any, error) {
	return nil, fmt.Errorf("history: cannot be converted")
}

// ConvertToType is part of ref.Val; rules do not convert a history.
func (h celHistory) ConvertToType(ref.Type) ref.Val {
	return types.NewErr("history: cannot be converted")
}

// Equal is part of ref.Val; rules do not compare histories.
func (h celHistory) Equal(ref.Val) ref.Val { return types.False }

// Type returns the type that the environment declares.
func (h celHistory) Type() ref.Type { return historyType }

// Value returns the history.
func (h celHistory) Value() any { return h.history }
