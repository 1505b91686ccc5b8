package main

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/trigger"
)

var confirmation = trigger.Delivery{
	ID: "olga/confirm/1/0", Customer: "olga", Trigger: "confirm", Kind: trigger.MessageKind, Channel: "email",
	To: "olga@example.org", Subject: "Your order", Text: "Thank you, Olga!", At: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC),
}

// What the webhook answers decides what becomes of the delivery.
func TestWhatTheWebhookAnswers(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		status    int
		after     string
		failed    bool
		permanent bool
		wait      time.Duration
	}{
		{status: 200},
		{status: 204},
		{status: 400, failed: true, permanent: true},
		{status: 410, failed: true, permanent: true},
		{status: 408, failed: true},
		{status: 429, after: "7", failed: true, wait: 7 * time.Second},
		{status: 503, after: "-1", failed: true},
		{status: 503, after: "Wed, 21 Oct 2026 07:28:00 GMT", failed: true},
		{status: 500, failed: true},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", row.after)
			w.WriteHeader(row.status)
		}))
		var log bytes.Buffer
		err := notifier(server.URL, slog.New(slog.NewTextHandler(&log, nil))).Notify(t.Context(), confirmation)
		server.Close()
		var how *trigger.SendError
		errors.As(err, &how)
		assert.Equal(t, row.failed, err != nil, "%+v: %v", row, err)
		assert.Equal(t, row.permanent, trigger.IsPermanent(err), "%+v", row)
		if row.wait > 0 {
			require.NotNil(t, how)
			assert.Equal(t, row.wait, how.After)
		} else if how != nil {
			assert.Zero(t, how.After)
		}
		assert.Contains(t, log.String(), "delivery=olga/confirm/1/0")
		assert.NotContains(t, log.String(), "example.org")
	}
	assert.Error(t, notifier("http://localhost:1", slog.New(slog.DiscardHandler)).Notify(t.Context(), confirmation), "nobody there")
}

func TestWithoutAWebhook(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	n := notifier("", slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, n.Notify(t.Context(), confirmation))
	assert.Contains(t, log.String(), "msg=sent delivery=olga/confirm/1/0 kind=message channel=email")
	assert.NotContains(t, log.String(), "Olga")

	to := newReceiver(t) // a step that names a URL means that one
	d := confirmation
	d.Kind, d.URL = trigger.WebhookKind, to.server.URL+"/notes"
	require.NoError(t, n.Notify(t.Context(), d))
	assert.Len(t, to.arrivals(), 1)
}
