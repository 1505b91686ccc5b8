package customer_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
)

// bought is a purchase of the given lines, less the given refunds.
func bought(amount int64, items []customer.Item, refunds ...int64) *customer.Purchase {
	p := &customer.Purchase{ID: "p1", Customer: "c1", Source: "web", Amount: amount, Items: items}
	for _, r := range refunds {
		p.Refunds = append(p.Refunds, customer.Refund{Amount: r})
	}
	return p
}

var basket = []customer.Item{
	{SKU: "t1", Category: "tea", Amount: 300},
	{SKU: "t2", Category: "tea", Quantity: 3, Amount: 200},
	{SKU: "c1", Category: "cakes", Amount: 500},
	{SKU: "gift"},
}

func TestNetAndCounts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule    string
		amount  int64
		refunds []int64
		net     int64
		counts  bool
	}{
		{"nothing refunded", 1000, nil, 1000, true},
		{"a gift counts", 0, nil, 0, true},
		{"partly refunded", 1000, []int64{1, 998}, 1, true},
		{"wholly refunded", 1000, []int64{400, 600}, 0, false},
		{"a gift given back", 0, []int64{0}, 0, false},
		{"the most there is", math.MaxInt64, []int64{math.MaxInt64}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			p := bought(tt.amount, nil, tt.refunds...)
			assert.Equal(t, tt.net, p.Net())
			assert.Equal(t, tt.counts, p.Counts())
		})
	}
}

func TestFilterTakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule string
		f    customer.Filter
		want bool
	}{
		{"the zero filter takes everything", customer.Filter{}, true},
		{"a category", customer.Filter{Categories: []string{"cakes"}}, true},
		{"one of the categories", customer.Filter{Categories: []string{"bread", "tea"}}, true},
		{"no such category", customer.Filter{Categories: []string{"bread"}}, false},
		{"case matters", customer.Filter{Categories: []string{"Tea"}}, false},
		{"a SKU", customer.Filter{SKUs: []string{"t2"}}, true},
		{"no such SKU", customer.Filter{SKUs: []string{"t3"}}, false},
		{"category and SKU of one item", customer.Filter{Categories: []string{"tea"}, SKUs: []string{"t1"}}, true},
		{"category and SKU of different items", customer.Filter{Categories: []string{"tea"}, SKUs: []string{"c1"}}, false},
		{"a source", customer.Filter{Sources: []string{"till 3", "web"}}, true},
		{"another source", customer.Filter{Sources: []string{"till 3"}}, false},
		{"exactly the amount", customer.Filter{MinAmount: 1000}, true},
		{"less than the amount", customer.Filter{MinAmount: 1001}, false},
		{"every list must match", customer.Filter{Categories: []string{"tea"}, Sources: []string{"till 3"}}, false},
		{"every list and the amount", customer.Filter{Categories: []string{"tea"}, SKUs: []string{"t1"}, Sources: []string{"web"}, MinAmount: 1}, true},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, tt.f.Takes(bought(1000, basket)))
			assert.Equal(t, tt.want, tt.f.Takes(bought(1000, basket, 999)), "what was paid counts, not what is left")
		})
	}
}

func TestFilterIsZeroOnlyWithoutConditions(t *testing.T) {
	t.Parallel()
	assert.True(t, (&customer.Filter{}).IsZero())
	assert.True(t, (&customer.Filter{Categories: []string{}, SKUs: []string{}, Sources: []string{}}).IsZero())
	for _, f := range []customer.Filter{
		{Categories: []string{"a"}}, {SKUs: []string{"a"}}, {Sources: []string{"a"}}, {MinAmount: 1},
	} {
		assert.False(t, f.IsZero())
	}
}

func TestAFilterOnItemsTakesNoPurchaseWithoutItems(t *testing.T) {
	t.Parallel()
	assert.False(t, (&customer.Filter{Categories: []string{""}}).Takes(bought(1000, nil)))
	assert.True(t, (&customer.Filter{Categories: []string{""}}).Takes(bought(1000, basket)), "the gift has no category")
	assert.False(t, (&customer.Filter{SKUs: []string{"t1"}}).Takes(bought(1000, nil)))
}

func TestFilterAmount(t *testing.T) {
	t.Parallel()
	tea, all := customer.Filter{Categories: []string{"tea"}}, customer.Filter{}
	tests := []struct {
		rule string
		f    customer.Filter
		p    *customer.Purchase
		want int64
	}{
		{"the whole purchase", all, bought(1000, basket), 1000},
		{"the whole of what is left", all, bought(1000, basket, 300), 700},
		{"the picked items", tea, bought(1000, basket), 500},
		{"the picked items in proportion to what is left", tea, bought(1000, basket, 300), 350},
		{"rounded down", tea, bought(1000, basket, 301), 349},
		{"two refunds are one", tea, bought(1000, basket, 100, 200), 350},
		{"nothing after a full refund", tea, bought(1000, basket, 1000), 0},
		{"nothing of a gift that was given back", tea, bought(0, basket, 0), 0},
		{"the items of a gift", tea, bought(0, basket), 500},
		{"no items picked", customer.Filter{SKUs: []string{"t9"}}, bought(1000, basket), 0},
		{"only the items that match both lists", customer.Filter{Categories: []string{"tea"}, SKUs: []string{"t2", "c1"}}, bought(1000, basket), 200},
		{"sources pick no items", customer.Filter{Sources: []string{"web"}}, bought(1000, basket, 300), 700},
		{"the discount on the basket does not shrink the items", tea, bought(800, basket), 500},
		{"more refunded than was paid is nothing, not everything", tea, bought(1000, basket, 2000), 0},
		{"the same for all items", all, bought(1000, basket, 2000), 0},
		{"a refund that adds saturates and does not panic", tea, bought(1, []customer.Item{{Category: "tea", Amount: math.MaxInt64}}, -1000), math.MaxInt64},
		{"the largest amounts", tea, bought(math.MaxInt64, []customer.Item{{Category: "tea", Amount: math.MaxInt64}}, 1), math.MaxInt64 - 1},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, tt.f.Amount(tt.p))
		})
	}
}

func TestFilterAmountIsExactUpToTheLargest(t *testing.T) {
	t.Parallel()
	amounts := rapid.OneOf(rapid.Int64Range(0, 2000), rapid.Int64Range(0, math.MaxInt64))
	rapid.Check(t, func(t *rapid.T) {
		p := bought(amounts.Draw(t, "amount"), nil)
		left := int64(math.MaxInt64) // the items' sum is valid
		picked := new(big.Int)
		for range rapid.IntRange(1, 5).Draw(t, "items") {
			amount := rapid.Int64Range(0, left).Draw(t, "item")
			left -= amount
			category := rapid.SampledFrom([]string{"tea", "cakes"}).Draw(t, "category")
			p.Items = append(p.Items, customer.Item{Category: category, Amount: amount})
			if category == "tea" {
				picked.Add(picked, big.NewInt(amount))
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "refunds") {
			p.Refunds = append(p.Refunds, customer.Refund{Amount: rapid.Int64Range(0, p.Net()).Draw(t, "refund")})
		}

		want := picked
		switch {
		case !p.Counts():
			want = new(big.Int)
		case p.Net() != p.Amount:
			want.Mul(want, big.NewInt(p.Net())).Div(want, big.NewInt(p.Amount))
		}
		f := customer.Filter{Categories: []string{"tea"}}
		require.Equal(t, want.String(), big.NewInt(f.Amount(p)).String())
	})
}

func TestFilterChangesNothing(t *testing.T) {
	t.Parallel()
	p, f := bought(1000, slices.Clone(basket), 300), customer.Filter{Categories: []string{"tea"}, SKUs: []string{"t1"}}
	f.Takes(p)
	f.Amount(p)
	assert.Equal(t, bought(1000, basket, 300), p)
	assert.Equal(t, customer.Filter{Categories: []string{"tea"}, SKUs: []string{"t1"}}, f)
}
