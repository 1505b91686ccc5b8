// Package postgres is a store in a PostgreSQL database, for any number of processes.
package postgres
