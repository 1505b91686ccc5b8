// Package memory keeps customers in the memory of one process: for tests, for
// simulations, and for shops small enough to load everything at the start.
//
// It is also the store the others are measured by. Records, history and
// deliveries are kept packed, as strings that are never changed but replaced,
// so that a reader takes a reference under the lock and unpacks it outside, and
// so that the garbage collector finds few pointers. Every ordered index is a
// B-tree.
package memory
