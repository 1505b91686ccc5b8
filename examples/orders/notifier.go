package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/regulars-go/regulars/trigger"
)

// notifier returns what carries deliveries out: to the URL that they name, else to
// a webhook or, where there is none, only into the log. What they say, and to whom,
// is not logged: that is in the outbox.
func notifier(cfg config, log *slog.Logger) trigger.Notifier {
	return trigger.NotifierFunc(func(ctx context.Context, d trigger.Delivery) error {
		about := []any{"delivery", d.ID, "kind", d.Kind.String(), "channel", d.Channel}
		var err error
		if url := cmp.Or(d.URL, cfg.webhook); url != "" {
			err = post(ctx, url, d)
		} else if cfg.slow > 0 {
			log.InfoContext(ctx, "sending", about...)
			err = pause(ctx, cfg.slow)
		}
		if err != nil {
			log.WarnContext(ctx, "not sent", append(about, "reason", reason(err, cfg.timeout))...)
			return err
		}
		log.InfoContext(ctx, "sent", about...)
		return nil
	})
}

// pause waits for a while, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answerError is an answer of a webhook that does not say that it took the delivery.
type answerError struct{ status int }

func (e *answerError) Error() string {
	return fmt.Sprintf("the webhook answered %d %s", e.status, http.StatusText(e.status))
}

// reason says of what kind an error is. Its own text is for the outbox alone: it may
// quote an address, or what the receiver says.
func reason(err error, timeout time.Duration) string {
	var answer *answerError
	var network *net.OpError
	switch {
	case errors.As(err, &answer):
		return answer.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %v, the -timeout", timeout)
	case errors.Is(err, context.Canceled):
		return "the worker was told to end"
	case errors.As(err, &network), errors.Is(err, io.EOF):
		return "no connection, or it broke"
	}
	return "it could not be posted; the outbox says why"
}

// note is a delivery as the webhook gets it.
type note struct {
	ID       string    `json:"id"` // drop those that came before: a delivery may come again
	Customer string    `json:"customer"`
	Trigger  string    `json:"trigger"`
	Kind     string    `json:"kind"`
	Channel  string    `json:"channel"`
	To       string    `json:"to,omitempty"`
	Subject  string    `json:"subject,omitempty"`
	Text     string    `json:"text"`
	At       time.Time `json:"at"`
}

// post hands a delivery to a webhook. The engine ends ctx when that takes too long,
// and tries again later what was neither taken nor refused for good.
func post(ctx context.Context, url string, d trigger.Delivery) error {
	body, err := json.Marshal(note{d.ID, d.Customer, d.Trigger, d.Kind.String(), d.Channel, d.To, d.Subject, d.Text, d.At})
	if err != nil {
		return trigger.Permanent(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return trigger.Permanent(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", d.ID)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
	return outcome(resp)
}

// outcome says what an answer means for the delivery.
func outcome(resp *http.Response) error {
	err := &answerError{resp.StatusCode}
	switch code := resp.StatusCode; {
	case code/100 == 2:
		return nil
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // zero: as usual
		return trigger.RetryAfter(err, time.Duration(max(seconds, 0))*time.Second)
	case code/100 == 4 && code != http.StatusRequestTimeout:
		return trigger.Permanent(err)
	}
	return err
}
