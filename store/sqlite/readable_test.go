package sqlite_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/viewtest"
	"github.com/regulars-go/regulars/store/sqlite"
)

// answer returns what a query says.
func answer(t *testing.T, s *sqlite.Store, query string) (columns []string, list [][]any) {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), query)
	require.NoError(t, err, query)
	defer rows.Close()
	columns, err = rows.Columns()
	require.NoError(t, err)
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(t, rows.Scan(into...))
		list = append(list, values)
	}
	require.NoError(t, rows.Err())
	return columns, list
}

// ask returns the rows of a query as the sqlite3 shell prints them.
func ask(t *testing.T, s *sqlite.Store, query string) string {
	t.Helper()
	_, rows := answer(t, s, query)
	var out []string
	for _, r := range rows {
		var cells []string
		for _, v := range r {
			if v == nil {
				v = ""
			}
			cells = append(cells, fmt.Sprint(v))
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return strings.Join(out, "\n")
}

// The views are as those of package postgres.
func TestViews(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		s := open(t, inDir(t))
		viewtest.Run(t, s, func(t *testing.T, query string) (columns []string, list [][]string) {
			columns, rows := answer(t, s, query)
			for _, r := range rows {
				var line []string
				for _, v := range r {
					if v == nil {
						v = "-"
					}
					line = append(line, fmt.Sprint(v))
				}
				list = append(list, line)
			}
			return columns, list
		})
	})
}

// The questions of the package's documentation, and their answers.
func TestQuestionsOfPeople(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		s := open(t, inDir(t))
		require.NoError(t, s.Commit(t.Context(), olga()))
		_, err := s.ClaimDeliveries(t.Context(), store.Claim{Now: noon, Limit: 9, Lease: time.Minute})
		require.NoError(t, err)
		require.NoError(t, s.Settle(t.Context(), store.Outcome{Customer: "olga", Delivery: "d1", Attempt: 1, State: store.Sent, Due: noon}))
		_, err = s.ClaimDeliveries(t.Context(), store.Claim{Now: noon, Limit: 9, Lease: time.Minute})
		require.NoError(t, err)
		require.NoError(t, s.Settle(t.Context(), store.Outcome{
			Customer: "olga", Delivery: "d2", Attempt: 1, State: store.Dead, Due: noon.Add(time.Minute), Error: "no such number",
			Event: customer.Event{Kind: customer.DeliveryDead, At: noon.Add(time.Minute), Trigger: "thank", Ref: "d2"},
		}))
		for query, want := range map[string]string{
			`select customer, name, since, next from who_is_where where pipeline = 'cakes' and stage = 'thank'`: "olga|Olga Example|2026-03-01 12:00:00|2026-04-01 12:00:00",
			`select customer, name, since from who_is_in where segment = 'vip'`:                                 "olga|Olga Example|2026-03-01 12:00:00",
			`select sent, kind, channel, recipient, text from what_was_sent where customer = 'olga'`:            "2026-03-01 12:00:00|message|sms|+49170|Thank you!",
			`select customer, what, since, channel, attempts, error from what_is_stuck`:                         "olga|given up|2026-03-01 12:01:00|sms|1|no such number",
			`select at, kind, stage, amount from timeline_events where customer = 'olga' order by seq, place`: "2026-03-01 12:00:00|purchase||2500\n" +
				"2026-03-01 12:00:00|stage_entered|thank|\n2026-03-01 12:01:00|delivery_dead||",
			`select count(*), sum(amount - refunded) from purchases where customer = 'olga'`: "1|2500",
			`select stage, count(*) from stages where pipeline = 'cakes' group by stage`:     "thank|1",
			`select pipeline, stage, next from cycles where customer = 'olga'`:               "cakes|thank|2026-04-01 12:00:00",
			`select customer from lookups where kind = 'contact' and value = '+49170'`:       "olga",
			`select replace(tags, char(31), ', '), manager from cards where customer='olga'`: "new, nice|eva",
			`select name from activities where customer = 'olga'`:                            "page_view",
		} {
			assert.Equal(t, want, ask(t, s, query), query)
		}
	})
}

// The copies follow the record.
func TestCopiesFollowTheRecord(t *testing.T) {
	t.Parallel()
	s := modernc(t, inDir(t))
	c := olga()
	require.NoError(t, s.Commit(t.Context(), c))
	c.Record.Version, c.Record.Customer.Name, c.Record.Customer.Tags = 1, "Olga Other", []string{"nice"}
	c.Record.Cycles[0].Stage, c.Record.Segments, c.Deliveries = "due", nil, nil
	require.NoError(t, s.Commit(t.Context(), c))
	assert.Equal(t, "Olga Other|nice", ask(t, s, `select name, tags from cards`))
	assert.Equal(t, "cakes|due", ask(t, s, `select pipeline, stage from cycles`))
	assert.Equal(t, "cakes|due|olga", ask(t, s, `select * from stages`))
	assert.Equal(t, "tag|nice", ask(t, s, `select kind, value from lookups where kind in ('tag', 'segment')`))
	c.Record.Version, c.Record.Cycles = 2, nil
	require.NoError(t, s.Commit(t.Context(), c))
	assert.Empty(t, ask(t, s, `select * from cycles`))
	assert.Empty(t, ask(t, s, `select * from stages`))
}
