package trigger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Notifier carries deliveries out: a mail server, an SMS gateway, a task list.
// Notify returns nil once the delivery is out of our hands. An error is tried
// again later, with growing pauses, unless it is [Permanent]; [RetryAfter] says
// when. A delivery may come late, after downtime or behind one that failed:
// [Delivery.At] says since when it could have left, and returning nil without
// sending drops it. Notify may be called concurrently, and may see the same delivery, by its
// ID, more than once. It must give up when ctx ends.
type Notifier interface {
	Notify(ctx context.Context, d Delivery) error
}

// NotifierFunc makes a function a Notifier.
type NotifierFunc func(ctx context.Context, d Delivery) error

// Notify calls f.
func (f NotifierFunc) Notify(ctx context.Context, d Delivery) error { return f(ctx, d) }

// Router hands each delivery to the notifier of its channel, and fails for good
// where there is none.
type Router map[string]Notifier

// Notify calls the notifier of d.Channel.
func (r Router) Notify(ctx context.Context, d Delivery) error {
	n := r[d.Channel]
	if n == nil {
		return Permanent(fmt.Errorf("no notifier for channel %q", d.Channel))
	}
	return n.Notify(ctx, d)
}

// Print returns a Notifier that writes each delivery to w as one readable line,
// dated in UTC by [Delivery.At]. It is safe for concurrent use.
func Print(w io.Writer) Notifier {
	var mu sync.Mutex
	return NotifierFunc(func(_ context.Context, d Delivery) error {
		mu.Lock()
		defer mu.Unlock()
		_, err := fmt.Fprintln(w, line(d))
		return err
	})
}

func line(d Delivery) string {
	what := d.Text
	if d.Subject != "" {
		what = d.Subject + ": " + what
	}
	to := d.To
	switch {
	case d.Kind == WebhookKind:
		to, what = d.URL, d.Cause.Kind.String()+" of "+d.Customer
	case to == "" && d.Kind == TaskKind:
		to = "anyone"
	case to == "":
		to = d.Customer
	}
	return oneLine.Replace(fmt.Sprintf("%s  %-8s to %s: %s", d.At.UTC().Format("2006-01-02 15:04"), d.Channel, to, what))
}

// SendError tells the engine what to do about a delivery that failed.
type SendError struct {
	Err       error
	Permanent bool          // trying again is no use
	After     time.Duration // when not permanent: not before this has passed; zero: as usual
}

// Error returns the text of the cause.
func (e *SendError) Error() string {
	if e.Err == nil {
		return "sending failed"
	}
	return e.Err.Error()
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }

// Permanent marks an error that trying again will not cure: the delivery goes
// to the dead letters. Nil stays nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &SendError{Err: err, Permanent: true}
}

// RetryAfter marks an error as one to try again after d, as a receiver's
// Retry-After asks for. Nil stays nil.
func RetryAfter(err error, d time.Duration) error {
	if err == nil {
		return nil
	}
	return &SendError{Err: err, After: d}
}

// IsPermanent reports whether err was marked by [Permanent].
func IsPermanent(err error) bool {
	var e *SendError
	return errors.As(err, &e) && e.Permanent
}
