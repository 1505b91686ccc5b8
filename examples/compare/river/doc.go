// Package river compares regulars on PostgreSQL with River
// (github.com/riverqueue/river), the job queue that Go programs use there: with what
// a shop would build the same upon, if it wrote the customers itself. Both are on one
// server, which loses nothing, and take turns. See the README beside this file.
//
// It is part of a module of its own, so that regulars does not depend on River.
package river
