package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/regulars-go/regulars/pipeline"
)

// routes returns what the web process answers.
func (s *shop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", s.answer(s.postOrder))
	mux.HandleFunc("GET /orders/{id}", s.answer(s.getOrder))
	mux.HandleFunc("POST /customers", s.answer(s.postCustomer))
	mux.HandleFunc("GET /customers/{id}", s.answer(s.getCustomer))
	mux.HandleFunc("GET /healthz", s.answer(s.getHealth))
	mux.HandleFunc("/", s.answer(noRoute))
	return mux
}

func noRoute(*http.Request) (int, any, error) {
	return http.StatusNotFound, failure{[]string{
		"there is only POST /orders, GET /orders/{id}, POST /customers, GET /customers/{id} and GET /healthz",
	}}, nil
}

// postOrder answers 201 to a new order, and 200 with the same content to one that is
// sent again.
func (s *shop) postOrder(r *http.Request) (int, any, error) {
	var o order
	if err := readBody(r, &o); err != nil {
		return 0, nil, err
	}
	if err := o.check(); err != nil {
		return 0, nil, err
	}
	p, fresh, err := s.place(r.Context(), o)
	if err != nil || !fresh {
		return http.StatusOK, p, err
	}
	return http.StatusCreated, p, nil
}

// getOrder answers what postOrder did.
func (s *shop) getOrder(r *http.Request) (int, any, error) {
	id := r.PathValue("id")
	if !plainID.MatchString(id) {
		return noOrder()
	}
	p, err := s.placed(r.Context(), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return noOrder()
	}
	return http.StatusOK, p, err
}

func noOrder() (int, any, error) {
	return http.StatusNotFound, failure{[]string{"no order was placed under this ID"}}, nil
}

func (s *shop) postCustomer(r *http.Request) (int, any, error) {
	var u signUp
	if err := readBody(r, &u); err != nil {
		return 0, nil, err
	}
	if err := u.check(); err != nil {
		return 0, nil, err
	}
	if err := s.signUp(r.Context(), u); err != nil {
		return 0, nil, err
	}
	in, err := s.standing(r.Context(), u.ID)
	return http.StatusOK, in, err
}

func (s *shop) getCustomer(r *http.Request) (int, any, error) {
	id := r.PathValue("id")
	if !plainID.MatchString(id) {
		return nobody()
	}
	in, err := s.standing(r.Context(), id)
	if errors.Is(err, pipeline.ErrUnknownCustomer) {
		return nobody()
	}
	return http.StatusOK, in, err
}

func nobody() (int, any, error) {
	return http.StatusNotFound, failure{[]string{"nobody has signed up under this ID"}}, nil
}

// getHealth tells a load balancer whether to send requests here.
func (s *shop) getHealth(r *http.Request) (int, any, error) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.pool.Ping(ctx); err != nil {
		s.log.WarnContext(r.Context(), "the database does not answer", "error", err)
		return http.StatusServiceUnavailable, failure{[]string{"the database does not answer"}}, nil
	}
	return http.StatusOK, map[string]string{"status": "ok"}, nil
}
