package sqlite

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/row"
)

// pageSize is how many rows a sequence reads at once. Between two pages it holds
// nothing, so that the loop body may call any method.
const pageSize = 64

const lastCustomer = `select customer from customers order by customer desc limit 1`

// finder is a query as a statement: its text but for the order, and the arguments
// ahead of the bounds of a page and its size.
type finder struct {
	from, key string // the table it goes through, and its column of customers
	where     []string
	args      []any
	query     string
	stagesOf  string // it goes through the stages of this pipeline, each in its turn
}

// newFinder makes the statement. It goes through an index of what is, as a rule,
// the rarest of what is asked for and looks for the others at each of those.
func newFinder(q *store.Query) *finder {
	f := new(finder)
	f.lookup(row.Contact, q.Contact)
	f.place(q.Pipeline, q.Stage)
	f.lookup(row.Tag, q.Tag)
	f.lookup(row.Segment, q.Segment)
	f.lookup(row.Manager, q.Manager)
	if f.from == "" && q.Pipeline != "" && f.through("stages", "s") {
		f.stagesOf = q.Pipeline
	}
	if f.from == "" {
		f.from, f.key = "customers c", "c.customer"
	}
	if q.NotUnder != "" {
		f.need("c.definitions <> ?", q.NotUnder)
	}
	if f.stagesOf != "" {
		f.need("s.pipeline = ?", f.stagesOf)
		f.where = append(f.where, "s.stage = ?")
	}
	f.where = append(f.where, f.key+" > ?", f.key+" <= ?")
	f.query = "select " + f.key + ", c.version, c.record from " + f.from + " where " + strings.Join(f.where, " and ")
	return f
}

// statement returns what reads the page behind after. Where it goes through several
// stages, those in each are in order, and are merged.
func (f *finder) statement(stages []string, after, last string) (string, []any) {
	if f.stagesOf == "" {
		return f.query + " order by " + f.key + " limit ?", append(slices.Clone(f.args), after, last, pageSize)
	}
	var args []any
	for _, stage := range stages {
		args = append(append(args, f.args...), stage, after, last)
	}
	parts := slices.Repeat([]string{f.query}, len(stages))
	return strings.Join(parts, " union all ") + " order by 1 limit ?", append(args, pageSize)
}

// maxStages is how many stages are merged, of which SQLite allows 500. In a pipeline
// of more, everybody is looked at.
const maxStages = 100

// nextStage finds the stages of a pipeline in which anybody is, one after the other.
const nextStage = `select stage from stages where pipeline = ? and stage > ? order by stage limit 1`

// stages returns the stages of a pipeline in which anybody is. That of cycles which
// were refused is there anyway.
func (c *session) stages(pipeline string) (stages []string, err error) {
	if pipeline == "" {
		return nil, nil
	}
	for stage, more := "", true; more && err == nil; {
		stages = append(stages, stage)
		more, err = c.one(nextStage, []any{pipeline, stage}, &stage)
	}
	return stages, err
}

func (f *finder) need(condition string, args ...any) {
	f.where, f.args = append(f.where, condition), append(f.args, args...)
}

// through goes through an index of the table, unless it goes through another
// already. The order of the join is told, because SQLite does not know how many
// rows there are of anything.
func (f *finder) through(table, name string) bool {
	if f.from != "" {
		return false
	}
	f.key = name + ".customer"
	f.from = table + " " + name + " cross join customers c on c.customer = " + f.key
	return true
}

// lookup asks for those who have the value.
func (f *finder) lookup(kind, value string) {
	switch {
	case value == "":
	case f.through("lookups", "l"):
		f.need("l.kind = ? and l.value = ?", kind, row.Value(value))
	default:
		f.need("exists (select 1 from lookups x where x.customer = c.customer and x.kind = ? and x.value = ?)", kind, row.Value(value))
	}
}

// place asks for those in a stage. Who is in a pipeline, whatever the stage, is seen
// when the record is looked at: most customers are in each.
func (f *finder) place(pipeline, stage string) {
	switch {
	case stage == "":
	case f.through("stages", "s"):
		f.need("s.pipeline = ? and s.stage = ?", pipeline, stage)
	default:
		f.need("exists (select 1 from stages x where x.pipeline = ? and x.stage = ? and x.customer = c.customer)", pipeline, stage)
	}
}

// Find implements [store.Store].
func (m methods) Find(ctx context.Context, q store.Query) iter.Seq2[store.Loaded, error] {
	return func(yield func(store.Loaded, error) bool) {
		if err := q.Check(); err != nil {
			yield(store.Loaded{}, err)
			return
		}
		f, after, last := newFinder(&q), q.After, ""
		err := m.at.read(ctx, func(c *session) error {
			_, err := c.one(lastCustomer, nil, &last)
			return err
		})
		for err == nil {
			var page []store.Loaded
			seen := 0
			err = m.at.read(ctx, func(c *session) error {
				page, after, seen, err = c.findPage(ctx, f, &q, after, last)
				return err
			})
			for i := 0; err == nil && i < len(page); i++ {
				if !yield(page[i], nil) {
					return
				}
				err = ctx.Err()
			}
			if seen < pageSize {
				break
			}
		}
		if err != nil {
			yield(store.Loaded{}, failed("find", err))
		}
	}
}

// findPage reads the customers behind after, and as much of their history as is
// asked for, of the same instant. It returns the last ID it has seen, and how many
// it has: the statement does not tell pipelines apart, nor texts of which two have
// the same value.
func (c *session) findPage(ctx context.Context, f *finder, q *store.Query, after, last string) (page []store.Loaded, behind string, seen int, err error) {
	behind = after
	read := func() error {
		stages, err := c.stages(f.stagesOf)
		if err != nil {
			return err
		}
		if len(stages) > maxStages {
			everybody := *q
			everybody.Pipeline = ""
			f = newFinder(&everybody)
		}
		query, args := f.statement(stages, after, last)
		err = c.all(ctx, query, args, func(scan func(...any) error) error {
			var version int64
			var packed string
			if err := scan(&behind, &version, &packed); err != nil {
				return err
			}
			seen++
			rec, err := c.unpack(behind, version, packed)
			if err == nil && q.Matches(&rec) {
				page = append(page, store.Loaded{Record: rec})
			}
			return err
		})
		for i := 0; err == nil && i < len(page); i++ {
			err = c.loadHistory(q.Reach, &page[i])
		}
		return err
	}
	if (q.Reach == segment.Reach{} && f.stagesOf == "") { // one statement sees one instant
		err = read()
	} else {
		err = c.snapshot(read)
	}
	return page, behind, seen, err
}
