package main

import (
	"bytes"
	"context"
	"errors"
	"io"
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
		err := notifier(config{webhook: server.URL}, slog.New(slog.NewTextHandler(&log, nil))).Notify(t.Context(), confirmation)
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
}

// The log says of what kind it was that something was not sent, and nothing of whom
// it was for.
func TestWhyItWasNotSent(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the server does not see that nobody waits
		switch r.URL.Path {
		case "/never":
			<-r.Context().Done()
		case "/broken":
			panic(http.ErrAbortHandler)
		default:
			http.Error(w, "there is no olga@example.org", http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	late, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	t.Cleanup(cancel)
	for _, row := range []struct {
		ctx  context.Context
		cfg  config
		says string
	}{
		{t.Context(), config{webhook: server.URL + "/busy?for=olga@example.org"}, `reason="the webhook answered 503 Service Unavailable"`},
		{late, config{webhook: server.URL + "/never?for=olga@example.org", timeout: time.Second}, `reason="no answer within 1s, the -timeout"`},
		{stopped, config{webhook: server.URL + "/never?for=olga@example.org"}, `reason="the worker was told to end"`},
		{t.Context(), config{webhook: server.URL + "/broken?for=olga@example.org"}, `reason="no connection, or it broke"`},
		{t.Context(), config{webhook: "http://localhost:1/?for=olga@example.org"}, `reason="no connection, or it broke"`},
		{t.Context(), config{webhook: "http://local host/?for=olga@example.org"}, `reason="it could not be posted; the outbox says why"`},
		{stopped, config{slow: time.Minute}, `reason="the worker was told to end"`},
	} {
		var log bytes.Buffer
		require.Error(t, notifier(row.cfg, slog.New(slog.NewTextHandler(&log, nil))).Notify(row.ctx, confirmation))
		assert.Contains(t, log.String(), `msg="not sent" delivery=olga/confirm/1/0 kind=message channel=email `+row.says)
		assert.NotContains(t, log.String(), "example.org")
	}
}

func TestWithoutAWebhook(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	n := notifier(config{}, slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, n.Notify(t.Context(), confirmation))
	assert.Contains(t, log.String(), "msg=sent delivery=olga/confirm/1/0 kind=message channel=email")
	assert.NotContains(t, log.String(), "Olga")

	log.Reset()
	require.NoError(t, notifier(config{slow: time.Millisecond}, slog.New(slog.NewTextHandler(&log, nil))).Notify(t.Context(), confirmation))
	assert.Contains(t, log.String(), "msg=sending delivery=olga/confirm/1/0 kind=message channel=email")
	assert.Contains(t, log.String(), "msg=sent")

	to := newReceiver(t) // a step that names a URL means that one
	d := confirmation
	d.Kind, d.URL = trigger.WebhookKind, to.server.URL+"/notes"
	require.NoError(t, n.Notify(t.Context(), d))
	assert.Len(t, to.arrivals(), 1)
}
