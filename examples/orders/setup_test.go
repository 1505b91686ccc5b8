package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store/postgres/postgrestest"
)

func TestMain(m *testing.M) {
	code := postgrestest.Main(m)
	if program.dir != "" {
		_ = os.RemoveAll(program.dir)
	}
	os.Exit(code)
}

// newConfig returns a database of the test's own: two schemas, one for the tables of
// the shop and one for the library's.
func newConfig(t *testing.T) config {
	t.Helper()
	own := postgrestest.Schema(t)
	c, err := pgx.Connect(t.Context(), postgrestest.DSN(t))
	require.NoError(t, err)
	_, err = c.Exec(t.Context(), "create schema "+own)
	require.NoError(t, err)
	require.NoError(t, c.Close(t.Context()))
	return config{
		db: postgrestest.With(postgrestest.DSN(t), "search_path="+own), schema: postgrestest.Schema(t),
		deadline: time.Minute, lease: time.Minute, timeout: 15 * time.Second, roles: []string{roleServe},
	}
}

// front is a shop whose requests are answered in this process, with nobody to send
// anything.
type front struct {
	*shop
	t   *testing.T
	cfg config
	log *bytes.Buffer
}

func newFront(t *testing.T) *front {
	t.Helper()
	return newFrontWith(t, "")
}

// newFrontWith returns a front that works by the definitions in a file.
func newFrontWith(t *testing.T, definitions string) *front {
	t.Helper()
	f := &front{t: t, cfg: newConfig(t), log: new(bytes.Buffer)}
	f.cfg.definitions = definitions
	var err error
	f.shop, err = openShop(t.Context(), f.cfg, nil, slog.New(slog.NewTextHandler(f.log, nil)))
	require.NoError(t, err)
	t.Cleanup(f.close)
	return f
}

const olga = `{"id": "olga", "name": "Olga Meier", "email": "olga@example.org", "zone": "Europe/Berlin"}`

// do returns the answer to a request.
func (f *front) do(method, path, body string) (status int, answer string) {
	f.t.Helper()
	w := httptest.NewRecorder()
	f.routes().ServeHTTP(w, httptest.NewRequestWithContext(f.t.Context(), method, path, strings.NewReader(body)))
	return w.Code, strings.TrimSpace(w.Body.String())
}

func (f *front) must(status int, method, path, body string) string {
	f.t.Helper()
	got, answer := f.do(method, path, body)
	require.Equal(f.t, status, got, answer)
	return answer
}

// number returns what a query counts. LIB stands for the schema of the library.
func (f *front) number(sql string, args ...any) (n int) {
	f.t.Helper()
	require.NoError(f.t, f.pool.QueryRow(f.t.Context(), strings.ReplaceAll(sql, "LIB", f.cfg.schema), args...).Scan(&n))
	return n
}

// traces counts what an order leaves behind.
func (f *front) traces() map[string]int {
	f.t.Helper()
	return map[string]int{
		"orders":     f.number("select count(*) from orders"),
		"items":      f.number("select count(*) from order_items"),
		"in stock":   f.number("select sum(stock) from products"),
		"purchases":  f.number("select count(*) from LIB.purchases"),
		"deliveries": f.number("select count(*) from LIB.deliveries"),
		"events":     f.number("select count(*) from LIB.timeline_events"),
		"versions":   f.number("select coalesce(sum(version), 0) from LIB.customers"),
	}
}

// orderOf writes an order of one of each of some products.
func orderOf(id, customer string, skus ...string) string {
	var items []string
	for _, sku := range skus {
		items = append(items, fmt.Sprintf(`{"sku": %q, "quantity": 1}`, sku))
	}
	return fmt.Sprintf(`{"id": %q, "customer": %q, "items": [%s]}`, id, customer, strings.Join(items, ", "))
}

// send posts to a process and returns the answer.
func send(c *http.Client, url, body string) (status int, answer string, err error) {
	resp, err := c.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}
