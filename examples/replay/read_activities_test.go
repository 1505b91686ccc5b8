package main

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
)

// told shows activities, one line each.
func told(entries []entry) string {
	var b strings.Builder
	for _, e := range entries {
		a := e.input.(customer.Activity)
		fmt.Fprintf(&b, "%d %s %s %s %s", e.line, a.Customer, a.At.Format("2006-01-02T15:04"), a.Name, a.ID)
		for _, p := range a.Props {
			fmt.Fprintf(&b, " %s=%v:%d", p.Name, p.Value, p.Value.Kind())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestReadActivities(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, log, want string }{
		{
			"the least",
			"customer,time,name\nann,1997-01-31,visit\n",
			"2 ann 1997-01-31T00:00 visit replay-activity-0000000001\n",
		},
		{
			"any number of properties, in rows of any length",
			"customer,time,name,prop,prop\nann,19970131,view,sku=A-1,price=9.90\nann,1997-01-30T12:00:00+02:00,visit\n" +
				"bob,1997-01-31,view,sku=B,price=-1e2,new=true,since=1996-02-29,note=,,\n",
			"3 ann 1997-01-30T10:00 visit replay-activity-0000000002\n" +
				"2 ann 1997-01-31T00:00 view replay-activity-0000000001 sku=A-1:1 price=9.9:2\n" +
				"4 bob 1997-01-31T00:00 view replay-activity-0000000003 sku=B:1 price=-100:2 new=true:3 since=1996-02-29:4 note=:1\n",
		},
		{
			"quoted, after a byte order mark; only the first = parts name and value",
			"\ufeff\"customer\",\"time\",\"name\"\r\n\"O'Neil, Eve\",1997-01-31,search,\"for=a=b, \"\"c\"\"\"\r\n",
			"2 O'Neil, Eve 1997-01-31T00:00 search replay-activity-0000000001 for=a=b, \"c\":1\n",
		},
	} {
		activities, err := readLogs(options{activities: "-"}, strings.NewReader(row.log))
		require.NoError(t, err, row.name)
		assert.Equal(t, row.want, told(activities.entries), row.name)
	}
}

func TestReadActivitiesRefuses(t *testing.T) {
	t.Parallel()
	const header = "customer,time,name\n"
	for _, row := range []struct{ log, fault string }{
		{"", "-: there is no activity in the log"},
		{header, "-: there is no activity in the log"},
		{"customer,name,time\nann,visit,1997-01-01\n", "-: line 1: the header does not begin with customer,time,name"},
		{"\n\ncustomer\n", "-: line 3: the header does not begin"},
		{"a\"b\n", "-: line 1: bare \""},
		{header + "ann,1997-01-01\n", "-: line 2: there are 2 cells"},
		{header + "ann,yesterday,visit\n", `-: line 2: date "yesterday" is not written as`},
		{header + "ann,1997-01-01,visit,1997\n", `-: line 2: the cell "1997" is no property such as price=9.90`},
		{header + "ann,1997-01-01,visit,=5\n", "-: line 2: activity \"replay-activity-0000000001\": Props[0].Name is empty"},
		{header + "ann,1997-01-01,visit,a=5,a=6\n", `-: line 2: activity "replay-activity-0000000001": Props["a"] is given twice`},
		{header + ",1997-01-01,visit\n", `-: line 2: activity "replay-activity-0000000001": Customer is empty`},
		{header + "ann,1997-01-01,\n", `-: line 2: activity "replay-activity-0000000001": Name is empty`},
		{header + "ann,1997-01-01,\"visit\n", "-: line 2: extraneous or missing \""},
	} {
		_, err := readLogs(options{activities: "-"}, strings.NewReader(row.log))
		assert.ErrorContains(t, err, row.fault, "%q", row.log)
	}
}

func TestParseValue(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]customer.Value{
		"9.90":                 customer.Number(9.9),
		"-3":                   customer.Number(-3),
		"+3e2":                 customer.Number(300),
		"007":                  customer.Number(7),
		"true":                 customer.Bool(true),
		"false":                customer.Bool(false),
		"2026-01-31":           customer.DateValue(2026, 1, 31),
		"2026-02-31":           customer.Text("2026-02-31"),
		"2026-01-31T10:00:00Z": customer.Text("2026-01-31T10:00:00Z"),
		"True":                 customer.Text("True"),
		"NaN":                  customer.Text("NaN"),
		"inf":                  customer.Text("inf"),
		"1e999":                customer.Text("1e999"),
		"0x10":                 customer.Text("0x10"),
		"1_000":                customer.Text("1_000"),
		"1,5":                  customer.Text("1,5"),
		" 1":                   customer.Text(" 1"),
		"e":                    customer.Text("e"),
		"":                     customer.Text(""),
	} {
		assert.Equal(t, want, parseValue(in), "%q", in)
	}
}

// Whatever the log, reading it ends, and what was read is in time order, valid,
// and no number in it is infinite.
func FuzzReadActivities(f *testing.F) {
	f.Add("customer,time,name\nann,1997-01-31,visit\n")
	f.Add("customer,time,name,prop\nann,19970131,view,sku=A-1,price=9.90\nbob,1997-01-30T12:00:00+02:00,view,new=true,since=1996-02-29,,\n")
	f.Add("\ufeff\"customer\",time,name\n\"a\n\"\"b\",19970131,\"search\",for=1e999\n")
	f.Add("customer,time,name\nann,1997-01-31,\"visit\n")
	f.Fuzz(func(t *testing.T, log string) {
		activities, err := readLogs(options{activities: "-"}, strings.NewReader(log))
		if err != nil {
			require.Empty(t, activities)
			return
		}
		require.NotEmpty(t, activities.entries)
		ids := make(map[string]bool)
		for i, e := range activities.entries {
			a := e.input.(customer.Activity)
			require.NoError(t, a.Validate())
			require.Positive(t, e.line)
			require.False(t, i > 0 && e.at.Before(activities.entries[i-1].at), "out of order")
			require.False(t, ids[a.ID], "an ID was given twice")
			ids[a.ID] = true
			for _, p := range a.Props {
				n, _ := p.Value.AsNumber()
				require.False(t, math.IsInf(n, 0))
			}
		}
	})
}
