// Package sqlite keeps everything in one SQLite file: the durable store for a
// shop that runs one process, or a few on one machine.
//
//	s, err := sqlite.Open(ctx, "shop.db")
//	if err != nil {
//		return err
//	}
//	defer s.Close()
//	engine, err := pipeline.New(pipeline.Config{Store: s, Definitions: definitions, Notifier: notifier})
//
// [Open] uses modernc.org/sqlite, which is SQLite translated to Go and needs no C
// compiler; it is linked with this package. [New] takes a *sql.DB of any other
// driver. The tests hold both to the same contract, with github.com/ncruces/go-sqlite3
// as the other. [Config] has what can be chosen; package storetest has the contract.
//
// # How it works
//
// The file is in WAL mode: one connection writes, the others read what was
// committed when they began, and neither waits for the other. Callers that write at
// the same time are committed together. With synchronous = NORMAL, the default, a
// process that is killed loses nothing that was committed; a power cut may take
// back the last moments, all or nothing of each commit, unless [Config.Full] is set.
//
// Several processes may share the file on a local disk, not over a network. One
// that wants to write waits for another up to [Config.Wait], then fails with what
// SQLite says, "database is locked". All methods that fail have changed nothing:
// whether the disk is full, the file read-only or somebody else holds the lock,
// the call can be made again. One exception matches [store.ErrOutcomeUnknown]: where
// the disk fails or is full at the very end of a commit, everybody goes on without
// it, but a crash right then may bring it back, all of it. To make the call again is
// the answer here too. A file that was read-only has left files beside it that are
// so too, -wal and -shm: make all of them writable again.
//
// The caller's own tables may be in the same file. An order and what comes of it
// are committed together:
//
//	tx, err := s.DB().BeginTx(ctx, nil)
//	if err != nil {
//		return err
//	}
//	defer tx.Rollback() // does nothing when it was committed
//	if _, err := tx.ExecContext(ctx, "insert into orders (id) values (?)", purchase.ID); err != nil {
//		return err
//	}
//	if err := engine.ApplyTx(ctx, s.InTx(tx), purchase); err != nil {
//		return err
//	}
//	if err := tx.Commit(); err != nil {
//		return err
//	}
//	engine.Nudge()
//
// # What is in the tables
//
// The whole state of a customer is packed into customers.record. What people look
// for is beside it in plain columns, kept up to date in the same transaction; it is
// there to read, and changing it changes nothing of what the engine does. Times are
// microseconds since 1970; the views show them as dates in UTC.
//
//	customers     the packed state, its version, when the customer is due
//	leases        whose wake-up is being worked on
//	cards         name, addresses, manager, tags ... of each customer
//	stages        who is in each stage of each pipeline
//	lookups       segments, tags, managers and contacts, by customer and by value
//	purchases     amounts and times; the rest packed
//	activities    names and times; the rest packed
//	timeline      what happened, a JSON array for each commit
//	deliveries    the outbox: what waits, what was sent, what is dead
//	definitions   the documents that customers were stepped under
//	cuts          by what activities were pruned
//	pruned        when the last of them happened, by customer
//
// The views who_is_where, cycles, who_is_in, what_was_sent, what_is_stuck and
// timeline_events answer most questions in the sqlite3 shell. Package postgres has the
// same, with the same columns. What is stuck was given up, or failed at least once and
// waits to be tried again.
//
//	select pipeline, stage, next from cycles where customer = 'olga';
//	select customer, name, since from who_is_where where pipeline = 'cakes' and stage = 'due';
//	select customer, name, since from who_is_in where segment = 'vip';
//	select sent, channel, text from what_was_sent where customer = 'olga';
//	select customer, what, since, again, channel, attempts, error from what_is_stuck;
//	select at, kind, stage, segment from timeline_events where customer = 'olga' order by seq, place;
//	select count(*), sum(amount - refunded) from purchases where customer = 'olga';
//	select stage, count(*) from stages where pipeline = 'cakes' group by stage;
//
// # Pruning
//
// pipeline.Engine.Prune looks for what is old as those who read do, and holds the
// lock to write for some thousand rows at a time. The pages that it frees stay in
// the file, and are used again by what is written next: a shop that prunes every
// night has a file that stops growing, not one that shrinks. To give space back to
// the disk after a first, large prune, run VACUUM while nobody writes; it needs as
// much free space as the file has. A backup is without the free pages anyway. The
// pragma auto_vacuum is not set, since it makes every write that frees or takes a
// page dearer; whoever wants it sets it before the first Open.
//
// # Backup and restore
//
// [Store.Backup] copies the database while it is used; so does the command
// .backup of the sqlite3 shell. Do not copy the file itself while a process has
// it open: what was committed last is in the file beside it that ends in -wal.
//
// A copy is of one instant, in the middle of whatever engines were at. One that goes
// on from it waits for the leases of that instant to run out, minutes, then does what
// is due since, each at its own time. What was sent after the copy was made is sent
// again under the same ID, for receivers to drop. What was applied after it is lost
// until it is applied again, of which there may be too much: what is known changes
// nothing.
package sqlite
