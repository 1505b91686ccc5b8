package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkGrowth has stores of ten thousand, a hundred thousand and a million
// customers take turns at the same load, a thousand purchases per commit.
func BenchmarkGrowth(b *testing.B) {
	if testing.Short() {
		b.Skip("a million customers take minutes to fill in; run without -short")
	}
	const size = 1000
	var rivals []rival
	for _, n := range []int{100_000, 1_000_000, 10_000} {
		x, rng := grown(b, n), rand.New(rand.NewPCG(3, uint64(n)))
		name := fmt.Sprint(n)
		if n == 10_000 {
			name = ""
		}
		rivals = append(rivals, rival{name, func() error { return x.buy(b, rng, size) }})
	}
	beside(b, size, rivals...)
}

// grown returns a store of n customers. All but the first ten thousand are copies
// of these, made in the database.
func grown(b *testing.B, n int) *bench {
	b.Helper()
	const first = 10_000
	x := empty(b, fmt.Sprintf("grown%d", n))
	populate(b, x.Store, 0, first)
	x.n = n
	for _, table := range []string{"customers", "wakes", "cards", "cycles", "lookups", "purchases", "activities", "timeline", "deliveries"} {
		x.multiply(b, table, n/first)
	}
	x.exec(b, "vacuum analyze")
	x.exec(b, "checkpoint")
	return x
}

// multiply copies the rows of a table to other customers. The packed columns need no
// change: they hold the customer's ID nowhere.
func (x *bench) multiply(b *testing.B, table string, times int) {
	b.Helper()
	pool := newPoolOf(b, x.dsn+" synchronous_commit=off search_path="+x.schema)
	var columns string
	require.NoError(b, pool.QueryRow(context.Background(), `select string_agg(column_name, ', ' order by ordinal_position)
		from information_schema.columns where table_schema = $1 and table_name = $2 and column_name <> 'customer'`, x.schema, table).Scan(&columns))
	_, err := pool.Exec(context.Background(), fmt.Sprintf(`insert into %[1]s (customer, %[2]s)
		select 'c-' || lpad((substr(customer, 3)::int + copy * 10000)::text, 7, '0'), %[2]s
		from (select * from %[1]s) t, generate_series(1, %[3]d) copy order by copy, customer`, table, columns, times-1))
	require.NoError(b, err)
}
