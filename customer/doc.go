// Package customer holds the nouns of the library: the [Customer] card, what
// the customer does ([Purchase], [Refund], [Activity]), what people do to the
// card ([Refusal], [StageMove], [NextMove], [Pause], [Assignment], [Edit]), and
// what is known of the customer from all that ([Totals], [Cycle], [Event]).
//
// The package also owns civil time. A [Period] is a length of time as a
// definition states it: calendar days, weeks, months and years that follow the
// customer's own calendar, or an exact duration, which does not. "30 days" and
// "720 hours" are different things and both exist.
//
// Everything here is a plain value: no I/O, no clock, no goroutine. All values
// may be read concurrently; nothing here is safe for concurrent writing.
package customer
