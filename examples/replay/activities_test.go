package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// carts are definitions that look at activities.
const carts = `{
	"version": 1,
	"segments": [
		{"id": "left-a-cart", "enter": {"sequence": {
			"first": {"activity": {"name": "cart_add", "where": [{"name": "price", "is": {"at_least": 10}}]}},
			"then": {"purchase": {}}, "in": "P1D", "is": "unanswered"
		}}},
		{"id": "never-bought", "enter": {"purchases": {"measure": "count", "is": {"equal": 0}}}}
	],
	"triggers": [{
		"id": "cart", "on": {"activity": {"name": "cart_add"}}, "cancel_on_purchase": true,
		"steps": [{"wait": {"for": "P2D"}}, {"send": {"channel": "app", "text": "Your cart is still here."}}]
	}]
}`

const cartLog = `customer,time,name,prop
ann,1997-01-05T10:00:00Z,cart_add,price=12.50
ann,1997-01-05T11:00:00Z,visit
bob,1997-01-06,cart_add,price=9.90
cleo,1997-01-07,cart_add,price=99
`

func TestActivities(t *testing.T) {
	t.Parallel()
	defs, log := written(t, "defs.json", carts), written(t, "activities.csv", cartLog)
	purchases := "customer,date,amount\ncleo,1997-01-07,99\ndora,1997-01-08,5\n"

	t.Run("with purchases", func(t *testing.T) {
		t.Parallel()
		r := jsonReport(t, purchases, "-activities", log, "-definitions", defs, "-until", "1997-01-10")
		assert.Equal(t, 4, r.Customers, "whoever is in one of the logs")
		assert.Equal(t, 4, r.Activities)
		assert.Equal(t, 2, r.Purchases)
		assert.Equal(t, map[string]int{"left-a-cart": 1, "never-bought": 2}, r.Segments)
		assert.Equal(t, 1, r.Events["run_cancelled"], "what cleo bought on the day came after her cart")
		assert.Equal(t, map[string]int{"cart": 2}, r.Deliveries)
	})
	t.Run("alone", func(t *testing.T) {
		t.Parallel()
		code, stdout, stderr := runWith(t, []byte(cartLog), "-activities", "-", "-definitions", defs)
		require.Zero(t, code, stderr)
		for _, line := range []string{
			"State at the end of 1997-01-07\n",
			"  customers                     3\n",
			"  purchases                     0\n",
			"  activities                    4\n",
			"  left-a-cart                   1\n",
			"  never-bought                  3\n",
		} {
			assert.Contains(t, stdout, line)
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		code, _, stderr := runWith(t, []byte(purchases), "-purchases", "-", "-activities", written(t, "bad.csv", "customer,time,name\nann,x,y\n"))
		assert.Equal(t, 1, code)
		assert.Contains(t, stderr, `bad.csv: line 2: date "x" is not written as`)
	})
}
