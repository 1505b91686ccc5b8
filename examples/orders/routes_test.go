package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
)

func TestCheckout(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.must(http.StatusOK, "POST", "/customers", olga)
	before := f.traces()
	placed := f.must(http.StatusCreated, "POST", "/orders", `{"id": "o-1", "customer": "olga",
		"items": [{"sku": "grinder", "quantity": 1}, {"sku": "espresso", "quantity": 2}]}`)
	assert.Regexp(t, `^{"id":"o-1","customer":"olga","placed_at":"20[^"]+Z",`+
		`"items":\[{"sku":"espresso","quantity":2,"amount":4800},{"sku":"grinder","quantity":1,"amount":8900}],"total":13700}$`, placed)
	after := f.traces()
	for trace, n := range map[string]int{"orders": 1, "items": 2, "in stock": -3, "purchases": 1, "deliveries": 1, "versions": 1} {
		assert.Equal(t, before[trace]+n, after[trace], trace)
	}

	t.Run("sent again", func(t *testing.T) {
		_, err := f.pool.Exec(t.Context(), "update products set price = price + 1")
		require.NoError(t, err)
		again := f.must(http.StatusOK, "POST", "/orders", `{"items": [{"sku": "espresso", "quantity": 2}, {"sku": "grinder", "quantity": 1}],
			"customer": "olga", "id": "o-1"}`)
		assert.Equal(t, placed, again, "it is what it was, at the price of its day")
		assert.Equal(t, after, f.traces())
	})
	t.Run("looked up", func(t *testing.T) {
		assert.Equal(t, placed, f.must(http.StatusOK, "GET", "/orders/o-1", ""))
		for _, path := range []string{"/orders/o-2", "/orders/a%00", "/orders/%ff"} {
			assert.Contains(t, f.must(http.StatusNotFound, "GET", path, ""), "no order was placed", path)
		}
	})
	t.Run("another under its ID", func(t *testing.T) {
		f.must(http.StatusOK, "POST", "/customers", strings.ReplaceAll(olga, `"olga"`, `"bob"`))
		after := f.traces()
		for body, field := range map[string]string{
			orderOf("o-1", "olga", "espresso"):           "items",
			orderOf("o-1", "olga", "espresso", "filter"): "items",
			`{"id": "o-1", "customer": "bob", "items": [{"sku": "espresso", "quantity": 2}, {"sku": "grinder", "quantity": 1}]}`: "customer",
		} {
			answer := f.must(http.StatusConflict, "POST", "/orders", body)
			assert.Contains(t, answer, `order \"o-1\" was placed already, with other `+field)
		}
		assert.Equal(t, after, f.traces())
	})
}

// However often at once an order is sent, it is placed once.
func TestAnOrderSentManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.must(http.StatusOK, "POST", "/customers", olga)
	var wg sync.WaitGroup
	codes, answers := make([]int, 8), make([]string, 8)
	for i := range codes {
		wg.Go(func() { codes[i], answers[i] = f.do("POST", "/orders", orderOf("o-1", "olga", "espresso")) })
	}
	wg.Wait()
	fresh := 0
	for i, code := range codes {
		assert.Equal(t, answers[0], answers[i])
		if code == http.StatusCreated {
			fresh++
		}
	}
	assert.Equal(t, 1, fresh, "%v", codes)
	traces := f.traces()
	assert.Equal(t, []int{1, 1, 1}, []int{traces["orders"], traces["purchases"], traces["deliveries"]})
}

// An order that fails leaves nothing behind, however far it had come.
func TestRollback(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.must(http.StatusOK, "POST", "/customers", olga)
	require.NoError(t, f.engine.RecordPurchase(t.Context(), customer.Purchase{ID: "told-by-hand", Customer: "olga", At: time.Now(), Amount: 1}))
	before := f.traces()
	for _, row := range []struct {
		name, body, says string
		status           int
	}{
		{"not sold here", orderOf("o-1", "olga", "espresso", "tea"), `items: \"tea\" is not sold here`, http.StatusBadRequest},
		{"nobody", orderOf("o-1", "nobody", "espresso"), `customer: \"nobody\" is not known`, http.StatusBadRequest},
		{"an ID the engine knows", orderOf("told-by-hand", "olga", "espresso"), "something else was recorded under this ID", http.StatusConflict},
		{"sold out", `{"id": "o-1", "customer": "olga", "items": [{"sku": "espresso", "quantity": 1}, {"sku": "geisha", "quantity": 6}]}`, `there is not enough \"geisha\" left`, http.StatusConflict},
	} {
		assert.Contains(t, f.must(row.status, "POST", "/orders", row.body), row.says, row.name)
		assert.Equal(t, before, f.traces(), row.name)
	}
	f.must(http.StatusCreated, "POST", "/orders", orderOf("o-1", "olga", "espresso", "geisha"))
	assert.Empty(t, f.log.String())
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	before := f.traces()
	many := orderOf("o-1", "olga", strings.Split(strings.Repeat("espresso,", 100)+"espresso", ",")...)
	for _, row := range []struct {
		name, path, body string
		says             []string
	}{
		{"nothing", "/orders", "", []string{"body: is empty"}},
		{"no JSON", "/orders", "id=o-1", []string{"body: invalid character"}},
		{"not an object", "/orders", "[]", []string{"body: cannot be a JSON array"}},
		{"a wrong type", "/orders", `{"items": [{"quantity": "2"}]}`, []string{"items.quantity: cannot be a JSON string"}},
		{"an unknown key", "/orders", `{"id": "o-1", "price": 1}`, []string{`body: json: unknown field \"price\"`}},
		{"two objects", "/orders", orderOf("o-1", "olga", "espresso") + "{}", []string{"body: there is more behind the object"}},
		{
			"everything", "/orders", `{"id": "o/1", "customer": "ол", "items": [{"sku": "", "quantity": 0}, {"sku": "a\u0000", "quantity": 1001}]}`,
			[]string{
				`id: \"o/1\" is no ID`, `customer: \"ол\" is no ID`, `items[0].sku: \"\" is no ID`, "items[0].quantity: 0 is not from 1 to 1000",
				`items[1].sku: \"a\\x00\" is no ID`, "items[1].quantity: 1001 is not",
			},
		},
		{"nothing ordered", "/orders", `{"id": "o-1", "customer": "olga"}`, []string{"items: there are 0"}},
		{"too much ordered", "/orders", many, []string{"items: there are 101", `items[1].sku: \"espresso\" is there twice`}},
		{
			"a bad card", "/customers", `{"id": "olga meier", "name": "O\nM", "email": "olga", "zone": "Mars"}`,
			[]string{`id: \"olga meier\" is no ID`, "name: has 3 bytes", "email: is no address", `zone: \"Mars\" is not known`},
		},
		{"an address in two", "/customers", `{"id": "o", "name": "O", "email": "a@b.c\nd"}`, []string{"email: is no address"}},
		{"nobody's clock", "/customers", `{"id": "o", "name": "O", "email": "a@b.c", "zone": "Local"}`, []string{`zone: \"Local\"`}},
	} {
		answer := f.must(http.StatusBadRequest, "POST", row.path, row.body)
		for _, says := range row.says {
			assert.Contains(t, answer, says, row.name)
		}
	}
	f.must(http.StatusRequestEntityTooLarge, "POST", "/orders", `{"id": "`+strings.Repeat("o", 70<<10)+`"}`)
	assert.Equal(t, before, f.traces())
	assert.Empty(t, f.log.String(), "what clients do wrong is not logged")
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	nothing := `{"id":"olga","purchases":0,"total":0,"stages":[],"segments":[]}`
	assert.JSONEq(t, nothing, f.must(http.StatusOK, "POST", "/customers", olga))
	assert.JSONEq(t, nothing, f.must(http.StatusOK, "POST", "/customers", olga), "again")
	f.must(http.StatusConflict, "POST", "/customers", strings.ReplaceAll(olga, "Meier", "Berg"))
	assert.Equal(t, 1, f.number("select count(*) from LIB.cards where name = 'Olga Meier'"))

	f.must(http.StatusCreated, "POST", "/orders", orderOf("o-1", "olga", "espresso"))
	assert.Regexp(t, `^{"id":"olga","purchases":1,"total":2400,`+
		`"stages":\[{"pipeline":"coffee","stage":"thanks","since":"[^"]+\+0[12]:00","next_purchase":"[^"]+T09:00:00\+0[12]:00"}],`+
		`"segments":\[{"segment":"new","since":"[^"]+"}]}$`, f.must(http.StatusOK, "GET", "/customers/olga", ""))
	require.NoError(t, f.engine.Apply(t.Context(), customer.Refusal{Customer: "olga", By: customer.By{Actor: "anna", Reason: "drinks tea now"}}))
	assert.Contains(t, f.must(http.StatusOK, "GET", "/customers/olga", ""), `"closed":"drinks tea now"`)

	for _, path := range []string{"/customers/nobody", "/customers/a%00", "/customers/%ff"} {
		assert.Contains(t, f.must(http.StatusNotFound, "GET", path, ""), "nobody has signed up", path)
	}
}

// Whoever asks for what there is not is told what there is.
func TestNoRoute(t *testing.T) {
	t.Parallel()
	for _, row := range [][2]string{{"GET", "/"}, {"GET", "/orders"}, {"DELETE", "/orders/o-1"}, {"POST", "/order"}} {
		w := httptest.NewRecorder()
		(&shop{}).routes().ServeHTTP(w, httptest.NewRequest(row[0], row[1], nil))
		assert.Equal(t, http.StatusNotFound, w.Code)
		assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
		assert.Contains(t, w.Body.String(), `{"errors":["there is only POST /orders, `)
	}
}

// Where definitions do not settle, the order is placed all the same, and somebody
// told.
func TestDefinitionsThatDoNotSettle(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "restless.json")
	require.NoError(t, os.WriteFile(path, []byte(`{
		"version": 1,
		"segments": [{"id": "marked", "enter": {"tags": {"any_of": ["x"]}}}],
		"triggers": [
			{"id": "mark", "on": {"purchase": {}}, "steps": [{"tag": "x"}]},
			{"id": "unmark", "on": {"segment_entered": {"segment": "marked"}}, "steps": [{"untag": "x"}]},
			{"id": "again", "on": {"segment_left": {"segment": "marked"}}, "steps": [{"tag": "x"}]}
		]
	}`), 0o600))
	f := newFrontWith(t, path)
	f.must(http.StatusOK, "POST", "/customers", olga)
	f.must(http.StatusCreated, "POST", "/orders", orderOf("o-1", "olga", "espresso"))
	assert.Equal(t, 1, f.traces()["purchases"])
	assert.Contains(t, f.log.String(), "definitions do not settle")
}

// What passes by itself is answered so that the client asks again.
func TestComeBackLater(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := &shop{log: slog.New(slog.NewTextHandler(&log, nil)), deadline: time.Minute}
	for _, err := range []error{pipeline.ErrConflict, context.Canceled} {
		w := httptest.NewRecorder()
		s.answer(func(*http.Request) (int, any, error) { return 0, nil, fmt.Errorf("place order: %w", err) })(w, httptest.NewRequest("POST", "/orders", nil))
		assert.Equal(t, http.StatusServiceUnavailable, w.Code)
		assert.Equal(t, "1", w.Header().Get("Retry-After"))
		assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	}
	assert.Empty(t, log.String())
}

// What PostgreSQL rolled back because of others can be sent again, and then succeeds.
func TestRolledBackByPostgreSQL(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.must(http.StatusOK, "POST", "/customers", olga)
	before := f.traces()
	for _, code := range []string{"40P01", "40001"} {
		_, err := f.pool.Exec(t.Context(), fmt.Sprintf(`
			create function give_way() returns trigger language plpgsql as $$ begin raise exception sqlstate '%s'; end $$;
			create trigger give_way before update on products execute function give_way()`, code))
		require.NoError(t, err)
		answer := f.must(http.StatusServiceUnavailable, "POST", "/orders", orderOf("o-1", "olga", "espresso"))
		assert.Contains(t, answer, "try again", code)
		assert.Equal(t, before, f.traces(), code)
		_, err = f.pool.Exec(t.Context(), "drop function give_way cascade")
		require.NoError(t, err)
	}
	f.must(http.StatusCreated, "POST", "/orders", orderOf("o-1", "olga", "espresso"))
	assert.Empty(t, f.log.String(), "nothing is wrong")
}

// What goes wrong in here is logged, without what is personal, and the client is
// told no more than that it did.
func TestWhenTheDatabaseFails(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	assert.JSONEq(t, `{"status":"ok"}`, f.must(http.StatusOK, "GET", "/healthz", ""))
	f.must(http.StatusOK, "POST", "/customers", olga)
	_, err := f.pool.Exec(t.Context(), "alter table order_items rename to gone")
	require.NoError(t, err)
	answer := f.must(http.StatusInternalServerError, "POST", "/orders", orderOf("o-1", "olga", "espresso"))
	assert.JSONEq(t, `{"errors": ["something went wrong here; try again with the same ID"]}`, answer)
	assert.Contains(t, f.log.String(), `route="POST /orders"`)
	assert.Contains(t, f.log.String(), "order_items")
	assert.Zero(t, f.number("select count(*) from orders"))

	f.pool.Close()
	assert.Contains(t, f.must(http.StatusServiceUnavailable, "GET", "/healthz", ""), "the database does not answer")
	f.must(http.StatusInternalServerError, "POST", "/customers", strings.ReplaceAll(olga, `"olga"`, `"bob"`))
	for _, personal := range []string{"Meier", "example.org"} {
		assert.NotContains(t, f.log.String(), personal)
	}
}
