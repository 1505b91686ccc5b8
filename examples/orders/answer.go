package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/regulars-go/regulars/pipeline"
)

// maxBody is how many bytes somebody may send.
const maxBody = 64 << 10

// failure is the body of every answer that is none.
type failure struct {
	Errors []string `json:"errors"`
}

// answer makes a handler of a function that returns what to answer. Whatever the
// function waits for, such as a row that somebody holds, it waits until the deadline:
// otherwise a few requests would have all connections, and for ever.
func (s *shop) answer(f func(*http.Request) (status int, body any, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.deadline)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		status, body, err := f(r)
		if err != nil {
			status, body = s.refuse(r, err)
		}
		if status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1")
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body) // who does not hear it asks again
	}
}

// refuse returns what to answer where something went wrong. What is wrong with the
// request the client is told; what is wrong here the log is.
func (s *shop) refuse(r *http.Request, err error) (int, failure) {
	var wrong faults
	var other *otherOrderError
	var soldOut *soldOutError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &wrong):
		return http.StatusBadRequest, failure{wrong}
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, failure{[]string{"the body is too large"}}
	case errors.As(err, &other):
		return http.StatusConflict, failure{[]string{other.Error()}}
	case errors.As(err, &soldOut):
		return http.StatusConflict, failure{[]string{soldOut.Error()}}
	case errors.Is(err, pipeline.ErrIDReused):
		return http.StatusConflict, failure{[]string{pipeline.ErrIDReused.Error()}}
	case errors.Is(err, pipeline.ErrConflict):
		return http.StatusServiceUnavailable, failure{[]string{"others are changing the same customer; try again"}}
	case rolledBack(err):
		return http.StatusServiceUnavailable, failure{[]string{"others are changing the same; try again"}}
	case errors.Is(r.Context().Err(), context.DeadlineExceeded):
		s.log.WarnContext(r.Context(), "request took too long", "route", r.Pattern, "error", err)
		return http.StatusServiceUnavailable, failure{[]string{"this takes too long; try again with the same ID"}}
	case errors.Is(err, context.Canceled): // the client has left
		return http.StatusServiceUnavailable, failure{[]string{"cancelled"}}
	}
	s.log.ErrorContext(r.Context(), "request failed", "route", r.Pattern, "error", err)
	return http.StatusInternalServerError, failure{[]string{"something went wrong here; try again with the same ID"}}
}

// rolledBack reports whether PostgreSQL ended the transaction because of what others
// did at the same time. The client begins again, as it must be able to anyway.
func rolledBack(err error) bool {
	const serializationFailure, deadlock = "40001", "40P01"
	var failed *pgconn.PgError
	return errors.As(err, &failed) && (failed.Code == serializationFailure || failed.Code == deadlock)
}

// readBody reads one JSON object, of which it knows every key.
func readBody(r *http.Request, into any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	var tooLarge *http.MaxBytesError
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &tooLarge):
		return err
	case errors.As(err, &wrongType):
		return faults{fmt.Sprintf("%s: cannot be a JSON %s", cmp.Or(wrongType.Field, "body"), wrongType.Value)}
	case errors.Is(err, io.EOF):
		return faults{"body: is empty"}
	case err != nil:
		return faults{"body: " + err.Error()}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return faults{"body: there is more behind the object"}
	}
	return nil
}
