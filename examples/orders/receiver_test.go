package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// receiver is who the workers post to. It keeps what came.
type receiver struct {
	t      *testing.T
	server *httptest.Server

	mu      sync.Mutex
	came    []arrival
	holdAt  int           // how many it takes from the doomed before it answers no more
	holding chan struct{} // closed when it answers the doomed no more
}

// arrival is one request of a worker.
type arrival struct {
	note
	content string
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, holdAt: -1, holding: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /notes", func(_ http.ResponseWriter, req *http.Request) { r.take(req, false) })
	mux.HandleFunc("POST /doomed", func(_ http.ResponseWriter, req *http.Request) {
		if r.take(req, true) {
			<-req.Context().Done() // it got it, but does not say so
		}
	})
	r.server = httptest.NewServer(mux)
	t.Cleanup(r.server.Close)
	return r
}

// take keeps what comes, and reports whether there is to be no answer.
func (r *receiver) take(req *http.Request, doomed bool) (hold bool) {
	body, err := io.ReadAll(req.Body)
	a := arrival{content: string(body)}
	assert.NoError(r.t, err)
	assert.NoError(r.t, json.Unmarshal(body, &a.note))
	assert.Equal(r.t, a.ID, req.Header.Get("Idempotency-Key"))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.came = append(r.came, a)
	if !doomed {
		return false
	}
	if r.holdAt--; r.holdAt == 0 {
		close(r.holding)
	}
	return r.holdAt <= 0
}

// arrivals returns what came, by ID.
func (r *receiver) arrivals() map[string][]arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	byID := make(map[string][]arrival)
	for _, a := range r.came {
		byID[a.ID] = append(byID[a.ID], a)
	}
	return byID
}
