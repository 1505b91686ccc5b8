// Package pack turns records, purchases, activities, events and deliveries into
// few bytes and back. It is what the stores keep.
//
// Each type is described once, by a function that names its fields in order; a
// coder goes through them in either direction, so that what is written is what
// is read. To add a field, name it last in its function and count it; a test of
// storetest, which fills all fields there are, fails until that is done.
//
// # Layout
//
// A value begins with one bit for each of its fields, in as few bytes as hold
// them, the first field in the lowest bit. Only fields that are not zero follow:
//
//	number  a varint, zigzag where it may be negative
//	text    length*2 and the bytes; +1 where the owner's ID stands before them
//	name    number*2+1 where [Names] has it, else length*2 and the bytes
//	time    microseconds since the time before, zigzag, *2; or the place of a
//	        time that has been, *2+1; see clock
//	list    the number of elements, and these
//	truth   nothing more than its bit
//
// A chunk of one purchase, of ann's, with the ID "ann-1", for 4.90, from the
// source "web", which is the first name of the table, a second after 1970:
//
//	01        one item
//	80 89 7a  the first is of 1,000,000 (zigzag: 2,000,000)
//	08        the item takes 8 bytes, to skip it by
//	05 2d 31  its ID: the owner's, and two bytes, "-1"
//	16        of its fields there are the second, third and fifth
//	00        At: no later than the first of the chunk
//	d4 07     Amount: 490 (zigzag: 980)
//	01        Source: the name with number 0
//
// The customer's ID is not packed: a store keeps it as the key and hands it in
// as the owner. Names that recur in all customers (of pipelines, stages,
// segments, triggers, sources ...) are numbers into [Names]; a nil *Names spells
// them out, for a store that has nowhere to keep the table. Empty and nil lists
// are the same and come back nil, times come back in UTC. Reading anything that
// was not written here gives [ErrCorrupt], never a panic.
package pack
