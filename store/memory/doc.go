// Package memory keeps customers in the memory of one process: for tests, for
// simulations, and for shops small enough to load everything at the start. It is
// also the store the others are measured by.
//
// # What is kept
//
// A customer is an entry: the record, the purchases, the activities and the
// timeline, each packed into strings by store/internal/pack. A packed customer
// takes a small part of what the values would, and has a dozen pointers instead
// of hundreds, which is what the garbage collector pays for. Five purchases, 25
// events and ten segments are 0.6 KB packed, and 1.1 KB with all indexes.
//
// Packed strings are never changed but replaced. So a reader copies the strings
// it needs under the lock and unpacks them outside, and a commit that packs the
// next ones disturbs nobody. To read everybody takes one or two microseconds a
// customer, history included, where the query allows memory to be used again.
//
// # Indexes
//
//	entries   by customer ID, for Load and Commit
//	byID      the same in order, for Find
//	labels    by what a record says: stage, segment, manager, tag, contact
//	withMail  those with deliveries, in all and by state, for Deliveries
//	wakeUps   by when they are due, for ClaimWakeUps
//	queue     the next delivery of each lane, by when it is due, for ClaimDeliveries
//
// All but the first are B-trees. A commit costs a look-up, packing, a move in
// wakeUps and a move for each label that has changed: two to ten microseconds.
// A claim or a page of a sequence costs what it returns, and next to nothing
// where that is nothing.
//
// To prune is to pack anew what is left of the chunks that had something old, so
// that it costs what it reads; the others are not touched.
//
// # Locking
//
// One lock guards everything. Who writes holds it alone, and packs under it with
// the writer that the store has; who reads shares it, and only long enough to
// copy references. The table of names is the one thing that readers use without
// the lock: it only grows.
package memory
