// Package pack turns records, purchases, activities, events and deliveries into
// few bytes and back. It is what the stores keep.
//
// Each type is described once, by a function that names its fields in order; a
// coder goes through them in either direction, so that what is written is what
// is read. Fields that are zero take one bit. Times are the microseconds since
// the time before, and come back in UTC. Names that recur in all customers (of
// pipelines, stages, segments, triggers, sources ...) are numbers into [Names];
// a nil *Names spells them out, for a store that has nowhere to keep the table.
//
// The customer's ID is not packed: a store keeps it as the key and hands it in
// as the owner. Empty and nil lists are the same and come back nil. Reading
// anything that was not written here gives [ErrCorrupt], never a panic.
package pack
