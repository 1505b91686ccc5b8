package trigger_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/trigger"
)

func TestRouter(t *testing.T) {
	t.Parallel()
	var got []string
	to := func(name string) trigger.Notifier {
		return trigger.NotifierFunc(func(_ context.Context, d trigger.Delivery) error {
			got = append(got, name+" "+d.ID)
			return io.ErrUnexpectedEOF
		})
	}
	r := trigger.Router{"sms": to("a"), "task": to("b"), "none": nil}
	err := r.Notify(t.Context(), trigger.Delivery{ID: "1", Channel: "task"})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.False(t, trigger.IsPermanent(err))
	for _, channel := range []string{"none", "email"} {
		err = r.Notify(t.Context(), trigger.Delivery{ID: "2", Channel: channel, To: "ann@example.org"})
		assert.True(t, trigger.IsPermanent(err))
		require.EqualError(t, err, `no notifier for channel "`+channel+`"`)
	}
	assert.Equal(t, []string{"b 1"}, got)
}

func TestErrorsOfNotifiers(t *testing.T) {
	t.Parallel()
	cause := errors.New("550 no such user")
	var sent *trigger.SendError

	err := fmt.Errorf("mail: %w", trigger.Permanent(cause))
	require.ErrorIs(t, err, cause)
	require.ErrorAs(t, err, &sent)
	assert.True(t, sent.Permanent)
	assert.True(t, trigger.IsPermanent(err))
	require.EqualError(t, err, "mail: 550 no such user")

	err = trigger.RetryAfter(cause, time.Minute)
	require.ErrorIs(t, err, cause)
	require.ErrorAs(t, err, &sent)
	assert.Equal(t, time.Minute, sent.After)
	assert.False(t, trigger.IsPermanent(err))

	assert.False(t, trigger.IsPermanent(cause))
	assert.False(t, trigger.IsPermanent(nil))
	require.NoError(t, trigger.Permanent(nil), "what did not fail has not failed for good")
	require.NoError(t, trigger.RetryAfter(nil, time.Minute))
	assert.Equal(t, "sending failed", (&trigger.SendError{Permanent: true}).Error())
}

func TestPrint(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 10, 9, 5, 59, 0, time.FixedZone("", 3600))
	for _, tt := range []struct {
		d    trigger.Delivery
		want string
	}{
		{
			trigger.Delivery{Kind: trigger.MessageKind, Customer: "c1", Channel: "sms", To: "+49 1", Text: "Hello"},
			"2026-03-10 08:05  sms      to +49 1: Hello\n",
		},
		{
			trigger.Delivery{Kind: trigger.MessageKind, Customer: "c1", Channel: "telegram", Text: "Hello"},
			"2026-03-10 08:05  telegram to c1: Hello\n",
		},
		{
			trigger.Delivery{Kind: trigger.MessageKind, Customer: "c1", Channel: "email", To: "a@example.org", Subject: "News", Text: "One\r\ntwo\nthree"},
			"2026-03-10 08:05  email    to a@example.org: News: One two three\n",
		},
		{
			trigger.Delivery{Kind: trigger.TaskKind, Customer: "c1", Channel: "task", To: "bob", Text: "Call"},
			"2026-03-10 08:05  task     to bob: Call\n",
		},
		{
			trigger.Delivery{
				Kind: trigger.WebhookKind, Customer: "c1", Channel: "webhook", URL: "https://example.org/",
				Cause: customer.Event{Kind: customer.StageEntered},
			},
			"2026-03-10 08:05  webhook  to https://example.org/: stage_entered of c1\n",
		},
	} {
		var out strings.Builder
		tt.d.At = at
		require.NoError(t, trigger.Print(&out).Notify(t.Context(), tt.d))
		assert.Equal(t, tt.want, out.String())
	}
	err := trigger.Print(full{}).Notify(t.Context(), trigger.Delivery{})
	require.ErrorIs(t, err, io.ErrShortWrite)
}

// full is a writer that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestKinds(t *testing.T) {
	t.Parallel()
	for kind, want := range []string{"delivery_0", "message", "task", "webhook", "delivery_4"} {
		assert.Equal(t, want, trigger.DeliveryKind(kind).String())
	}
}

func ExampleRouter() {
	router := trigger.Router{
		"task": trigger.Print(os.Stdout),
		"sms": trigger.NotifierFunc(func(context.Context, trigger.Delivery) error {
			return trigger.RetryAfter(errors.New("the gateway is busy"), time.Minute)
		}),
	}
	at := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	ctx := context.Background()
	fmt.Println(router.Notify(ctx, trigger.Delivery{Kind: trigger.TaskKind, Channel: "task", To: "bob", Text: "Call Ann", At: at}))
	fmt.Println(router.Notify(ctx, trigger.Delivery{Channel: "sms"}))
	fmt.Println(router.Notify(ctx, trigger.Delivery{Channel: "fax"}))
	// Output:
	// 2026-03-10 09:00  task     to bob: Call Ann
	// <nil>
	// the gateway is busy
	// no notifier for channel "fax"
}
