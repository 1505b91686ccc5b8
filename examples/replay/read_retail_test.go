package main

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
)

const retailLog = retailHeader + `
536365,85123A,"HEART, WHITE",6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,71053,LANTERN,2,2010-12-01 08:27:00,3.39,17850,United Kingdom
C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527,United Kingdom
536380,22961,JAM,24,2010-12-01 09:41:00,1.45,,EIRE
A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom
C536381,B,,-1,2010-12-01 09:41:00,1.45,,EIRE
536382,85123A,,-3,2010-12-01 09:45:00,2.55,17850,United Kingdom
536383,85123A,,0,2010-12-01 09:46:00,2.55,17850,United Kingdom
536384,85123A,,1,2010-12-01 09:46:00,0.00,17850,United Kingdom
536384,85123A,,1,2010-12-01 09:46:00,-2.55,17850,United Kingdom
536385,PADS,,1,2010-12-02 09:46:00,0.004,12583,France
536385,PADS,,1,2010-12-02 09:46:00,0.004,12583,France
536385,71053,,1,2010-12-02 09:46:00,1,12583,France
536385,PADS,,5,2010-12-02 09:46:00,0.001,12583,France
`

func TestReadRetail(t *testing.T) {
	t.Parallel()
	h, err := readLogs(options{purchases: "-"}, strings.NewReader(retailLog))
	require.NoError(t, err)
	assert.Equal(t, "2 17850 2010-12-01T08:26 2208 536365 6×/85123A 2×/71053\n"+
		"12 12583 2010-12-02T09:46 101 536385 1×/PADS 1×/PADS 1×/71053 5×/PADS\n", lines(h.entries))
	assert.Equal(t, map[string]int{noCustomer: 3, cancelled: 1, noQuantity: 2, noPrice: 2}, h.leftOut)
	last := h.entries[1].input.(customer.Purchase)
	assert.Equal(t, "France", last.Source)
	var amounts []int64
	for _, i := range last.Items {
		amounts = append(amounts, i.Amount)
	}
	assert.Equal(t, []int64{0, 1, 100, 0}, amounts, "0.4 is nothing, 0.8 a penny, 100.8 as much as that and a pound, 101.3 no more")
}

func TestReadRetailRefuses(t *testing.T) {
	t.Parallel()
	const ok = retailHeader + "\n5,A,,1,2011-01-31 10:00:00,1.50,ann,EIRE\n"
	for _, row := range []struct{ log, fault string }{
		{retailHeader + "\n", "-: there is no purchase in the log"},
		{"InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n", `-: line 1: the header has no column "Country"`},
		{ok + "5,B,,1,2011-01-31 10:00:00,1.50,bob,EIRE\n", `-: line 3: invoice "5" has two customers, "ann" and "bob"`},
		{ok + "6,B,,1,31.01.2011,1.50,ann,EIRE\n", `-: line 3: date "31.01.2011" is no such as`},
		{ok + "6,B,,one,2011-01-31 10:00:00,1.50,ann,EIRE\n", `-: line 3: quantity "one" is no number`},
		{ok + "6,B,,1,2011-01-31 10:00:00,1.0005,ann,EIRE\n", `-: line 3: price "1.0005" has more than 3 decimals`},
		{ok + "6,B,,--1,2011-01-31 10:00:00,1,ann,EIRE\n", `-: line 3: quantity "-1" is no number`},
		{ok + "6,B,,999999999,2011-01-31 10:00:00,9223372036854775,ann,EIRE\n", `-: line 3: invoice "6" is larger than can be counted`},
		{ok + ",B,,1,1811-01-31 10:00:00,1,ann,EIRE\n", `-: line 3: purchase "replay-row-0000000002": At is in the year 1811`},
	} {
		_, err := readLogs(options{purchases: "-"}, strings.NewReader(row.log))
		assert.ErrorContains(t, err, row.fault)
	}
}

// What is left out of a log is told.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	r := jsonReport(t, retailLog)
	assert.Equal(t, 2, r.Purchases)
	assert.EqualValues(t, 2309, r.TotalMinor)
	assert.Equal(t, map[string]int{noCustomer: 3, cancelled: 1, noQuantity: 2, noPrice: 2}, r.LeftOut)
	assert.Nil(t, jsonReport(t, "1 19970101 1 5.00\n").LeftOut)

	_, stdout, _ := runWith(t, []byte(retailLog), "-purchases", "-")
	assert.Contains(t, stdout, "\nRows of the purchase log left out\n  cancelled                     1\n  no_customer                   3\n")
}

// A file that gzip packed is read as it was before, whatever it is called.
func TestPacked(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte("\ufeff" + retailLog))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	h, err := readLogs(options{purchases: "-"}, &packed)
	require.NoError(t, err)
	assert.Len(t, h.entries, 2)

	for _, broken := range []string{"\x1f\x8b", "\x1f\x8bno gzip at all"} {
		_, err = readLogs(options{purchases: "-"}, strings.NewReader(broken))
		assert.ErrorContains(t, err, "-: ")
	}
}
