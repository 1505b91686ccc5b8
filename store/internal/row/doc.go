// Package row turns what is committed into the rows that stores in SQL databases
// keep, and back. What such stores do alike is here once: which rows a record has,
// which of them a step changes, and how texts are kept that a database cannot hold.
//
// The truth of a customer is the packed record; see package pack. Everything else
// is a copy, for people who query the tables and for indexes: cards, cycles and
// look-ups. [Diff] compares two records, so that only copies which differ are
// written.
package row
