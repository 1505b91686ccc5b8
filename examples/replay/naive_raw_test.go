package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"math"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bought is a purchase as the raw file has it, read without the program's help.
type bought struct {
	nth    int // of the customer's
	at     time.Time
	cents  int64
	source string
	lines  []boughtLine
}

type boughtLine struct {
	category, sku string
	pieces, cents int64
}

// rawCDNOW reads what each customer bought from a file of CDNOW's, whose
// customers and dates stand in the given columns.
func rawCDNOW(t *testing.T, path string, idColumn, dateColumn int) map[string][]bought {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	customers := make(map[string][]bought)
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		fields := strings.Fields(scanner.Text())
		at, err := time.Parse("20060102", fields[dateColumn])
		if err != nil {
			continue // the header
		}
		pieces, err := strconv.ParseInt(fields[dateColumn+1], 10, 64)
		require.NoError(t, err)
		cents, ok := new(big.Rat).SetString(fields[dateColumn+2])
		require.True(t, ok)
		cents.Mul(cents, big.NewRat(100, 1))
		require.True(t, cents.IsInt())
		id, paid := fields[idColumn], cents.Num().Int64()
		cds := boughtLine{category: "cd", pieces: pieces, cents: paid}
		customers[id] = append(customers[id], bought{at: at, cents: paid, lines: []boughtLine{cds}})
	}
	inOrder(t, customers)
	return customers
}

// rawRetail reads what each customer bought from the invoices of Online Retail.
func rawRetail(t *testing.T, path string) map[string][]bought {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	require.NoError(t, err)
	rows, err := csv.NewReader(unpacked).ReadAll()
	require.NoError(t, err)
	customers := make(map[string][]bought)
	last, thousandths := "", int64(0)
	for _, row := range rows[1:] {
		invoice, sku, quantity, date, price, id, country := row[0], row[1], row[3], row[4], row[5], row[6], row[7]
		pieces, err := strconv.ParseInt(quantity, 10, 64)
		require.NoError(t, err)
		each, err := strconv.ParseFloat(price, 64)
		require.NoError(t, err)
		if id == "" || invoice[0] == 'C' || pieces <= 0 || each <= 0 {
			continue
		}
		if invoice != last { // the lines of an invoice stand together
			at, err := time.Parse("2006-01-02 15:04:05", date)
			require.NoError(t, err)
			customers[id] = append(customers[id], bought{at: at, source: country})
			last, thousandths = invoice, 0
		}
		b := &customers[id][len(customers[id])-1]
		thousandths += pieces * int64(math.Round(each*1000))
		paid := (thousandths + 5) / 10
		b.lines = append(b.lines, boughtLine{sku: sku, pieces: pieces, cents: paid - b.cents})
		b.cents = paid
	}
	inOrder(t, customers)
	return customers
}

// inOrder numbers the purchases of each customer.
func inOrder(t *testing.T, customers map[string][]bought) {
	t.Helper()
	for _, all := range customers {
		require.True(t, slices.IsSortedFunc(all, func(a, b bought) int { return a.at.Compare(b.at) }), "the rows of a customer are in order")
		for i := range all {
			all[i].nth = i
		}
	}
}
