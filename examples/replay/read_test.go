package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
)

// lines shows what was read, one line a purchase.
func lines(entries []entry) string {
	var b strings.Builder
	for _, e := range entries {
		p := e.input.(customer.Purchase)
		fmt.Fprintf(&b, "%d %s %s %d %s", e.line, p.Customer, p.At.Format("2006-01-02T15:04"), p.Amount, p.ID)
		for _, i := range p.Items {
			fmt.Fprintf(&b, " %d×%s/%s", i.Quantity, i.Category, i.SKU)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestReadPurchases(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, log, want string }{
		{
			"CDNOW's master",
			" customer_id  date number_of_cds  dollar_value\r\n 00002 19970112  1   12.00\r\n 00001 19970101  5   77.00\r\n",
			"3 00001 1997-01-01T00:00 7700 replay-row-0000000002 5×cd/\n" +
				"2 00002 1997-01-12T00:00 1200 replay-row-0000000001 1×cd/\n",
		},
		{
			"CDNOW's sample",
			" 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n",
			"1 00004 1997-01-01T00:00 2933 replay-row-0000000001 2×cd/\n" +
				"2 00004 1997-01-18T00:00 2973 replay-row-0000000002 2×cd/\n",
		},
		{
			"rows that look alike keep their order",
			"00001 19970101 1 5.00\n\n00001 19970101 1 5.00\n00000 19970101 1 5.00",
			"1 00001 1997-01-01T00:00 500 replay-row-0000000001 1×cd/\n" +
				"3 00001 1997-01-01T00:00 500 replay-row-0000000002 1×cd/\n" +
				"4 00000 1997-01-01T00:00 500 replay-row-0000000003 1×cd/\n",
		},
		{
			"CSV, the least",
			"customer,date,amount\nann,1997-01-31,5\n",
			"2 ann 1997-01-31T00:00 500 replay-row-0000000001\n",
		},
		{
			"CSV, everything",
			"customer,date,amount,id,category,sku\r\nann,19970131,5.00,o-1,jazz,J-1\r\nbob,1997-01-30T12:00:00Z,6.00,,,\r\n",
			"3 bob 1997-01-30T12:00 600 replay-row-0000000002\n" +
				"2 ann 1997-01-31T00:00 500 o-1 1×jazz/J-1\n",
		},
		{
			"CSV, quoted, after a byte order mark",
			"\ufeff\"customer\",\"date\",\"amount\",\"id\"\n\"O'Neil, \"\"Eve\"\" 2nd\",1997-01-31,5.00,o 1\nbob,1997-02-01,1,o 2\n",
			"2 O'Neil, \"Eve\" 2nd 1997-01-31T00:00 500 o 1\n" +
				"3 bob 1997-02-01T00:00 100 o 2\n",
		},
	} {
		sales, err := readLogs(options{purchases: "-"}, strings.NewReader(row.log))
		require.NoError(t, err, row.name)
		assert.Equal(t, row.want, lines(sales.entries), row.name)
	}
}

func TestReadPurchasesRefuses(t *testing.T) {
	t.Parallel()
	const csv = "customer,date,amount,id\n"
	for _, row := range []struct{ log, fault string }{
		{"", "no purchase"},
		{"\n \n", "no purchase"},
		{csv, "no purchase"},
		{"customer_id date number_of_cds dollar_value\n", "no purchase"},
		{"1 19970101 1 5.00\n1 19970101 1\n", "line 2: there are 3 columns where the first row has 4"},
		{"1 19970101\n", "line 1: 2 columns are neither"},
		{"<html>\n", "line 1: 1 columns are neither"},
		{"1 19970101 1 5.00\n\n1 19970231 1 5.00\n", `line 3: date "19970231" is no day`},
		{"1 19970101 1 5.00\n1 19970101 x 5.00\n", "line 2: quantity \"x\" is no number"},
		{"1 19970101 1 5.005\n", "line 1: amount \"5.005\" has more than 2 decimals"},
		{"1 18970101 1 5.00\n", "line 1: purchase \"replay-row-0000000001\": At is in the year 1897"},
		{"1 19970101 1 " + strings.Repeat("5", 100_000), "line 1: bufio.Scanner: token too long"},
		{"customer,when,amount\n", `line 1: the header has the unknown column "when"`},
		{"customer,amount\n", `line 1: the header has no column "date"`},
		{"customer,date,amount,id,id\n", `line 1: the header has the column "id" twice`},
		{csv + "ann,1997-01-01,5.00,o-1\nann,1997-01-01\n", "line 3: wrong number of fields"},
		{csv + "ann,01/02/1997,5.00,o-1\n", `line 2: date "01/02/1997" is not written as`},
		{csv + "ann,1997-01-01,\"1,50\",o-1\n", `line 2: amount "1,50" is no decimal number`},
		{csv + "ann,1997-01-01,-5.00,o-1\n", `line 2: amount "-5.00" is negative`},
		{csv + ",1997-01-01,5.00,o-1\n", "line 2: purchase \"o-1\": Customer is empty"},
		{csv + "a\"nn,1997-01-01,5.00,o-1\n", "line 2: bare \""},
		{csv + "ann,1997-01-01,5.00,\"o-1\n\n\n", "line 2: extraneous or missing \""},
	} {
		_, err := readLogs(options{purchases: "-"}, strings.NewReader(row.log))
		assert.ErrorContains(t, err, row.fault)
	}
}

// Whatever the log, reading it ends, and what was read is in time order, is
// valid, and has an ID of its own wherever the log gave none.
func FuzzReadPurchases(f *testing.F) {
	f.Add("customer_id date number_of_cds dollar_value\r\n 00001 19970101  1   11.77\r\n")
	f.Add("00004 0001 19970101  2   29.33\r\n00004 0001 19970101  2   29.33\r\n")
	f.Add("customer,date,amount,id,category,sku\r\nann,1997-01-31,5,o-1,jazz,J-1\r\nann,1997-01-30T00:00:00+02:00,5,,,\r\n")
	f.Add("\ufeff\"customer\",\"date\",\"amount\"\n\"a\n\"\"b\",19970131,5.5\n")
	f.Add("customer,date,amount\nann,1997-01-31,\"5\n")
	f.Add(retailHeader + "\n5,A,,2,2011-01-31 10:00:00,1.255,ann,EIRE\n5,B,,1,2011-01-31 10:00:00,0.005,ann,EIRE\n")
	f.Add(retailHeader + "\nC5,A,,-2,2011-01-31 10:00:00,1,ann,EIRE\n6,A,,2,2011-01-31 10:00:00,0,,\n")
	f.Fuzz(func(t *testing.T, log string) {
		sales, err := readLogs(options{purchases: "-"}, strings.NewReader(log))
		if err != nil {
			require.Empty(t, sales)
			return
		}
		require.NotEmpty(t, sales.entries)
		given := make(map[string]bool)
		for i, s := range sales.entries {
			p := s.input.(customer.Purchase)
			require.NoError(t, p.Validate())
			require.Positive(t, s.line)
			if i > 0 {
				require.False(t, s.at.Before(sales.entries[i-1].at), "out of order")
			}
			if strings.HasPrefix(p.ID, "replay-row-") && !strings.Contains(log, p.ID) {
				require.False(t, given[p.ID], "an ID was given twice")
				given[p.ID] = true
			}
		}
	})
}
