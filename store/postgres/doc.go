// Package postgres is a [store.Store] in a PostgreSQL database, 14 or newer, on which
// any number of engines in any number of processes work together.
//
//	s, err := postgres.Open(ctx, "postgres://shop@db.example.org/shop?pool_max_conns=8", postgres.Options{})
//	if err != nil {
//		return err
//	}
//	defer s.Close()
//	engine, err := pipeline.New(pipeline.Config{Store: s, Definitions: definitions, Notifier: notifier})
//
// [New] takes a pool that the host has already, whose connections are to be set up by
// [AfterConnect]. Both bring the schema to what this code needs, which is safe when
// several processes start at once; [Migrate] does it apart. A schema newer than the
// code is an error: update the library first.
//
// # Round trips
//
// Load, Commit, both claims, Settle and NextDue take one round trip each, however
// large the batch: rows go as arrays, unnested there, and PostgreSQL takes all
// statements of one round trip as one transaction. A commit of records that were not
// loaded through the same Store lately takes another, to read what it replaces.
//
// Wake-ups and deliveries are claimed with FOR UPDATE SKIP LOCKED: nobody waits for
// anybody. A claim of wake-ups passes over customers who are being committed too.
// To lease is to move what is due to the end of the lease; so nothing needs
// to be done when a process dies.
//
// A commit after which something is due soon is announced with NOTIFY, behind the
// commit and at most fifty times a second per process; [Store.Changes] listens, on a
// connection of its own. That is a hint: an engine's Run looks by itself once a minute.
//
// # In the host's own transaction
//
// [Store.InTx] is a view for an engine's ApplyTx: the order, the customer's new state
// and the messages that come of it are committed or rolled back together.
//
//	err := pgx.BeginFunc(ctx, s.Pool(), func(tx pgx.Tx) error {
//		if _, err := tx.Exec(ctx, "insert into orders (id) values ($1)", purchase.ID); err != nil {
//			return err
//		}
//		return engine.ApplyTx(ctx, s.InTx(tx), purchase)
//	})
//	if err != nil {
//		return err
//	}
//	engine.Nudge()
//
// # When something fails
//
// What the server has rolled back because of a deadlock, and what was never sent, is
// done again by itself; so is what only reads, when the connection broke. A
// connection that is cut during a commit gives [store.ErrOutcomeUnknown]: all was done or
// nothing. An engine then loads again and goes on from what it finds, so that its
// callers seldom see it; who does makes the call again. Errors hold IDs and no personal
// data. Run logs what fails and goes on when the server is back; what it had claimed
// then waits for the lease to end.
//
// # Tables and permissions
//
// All is in one schema, "regulars" unless [Options] says otherwise. Tables and columns
// have comments (\d+ in psql). Who migrates needs CREATE on the database, or on the
// schema if that exists; who works needs no more than
//
//	grant usage on schema regulars to worker;
//	grant select, insert, update, delete on all tables in schema regulars to worker;
//
// and who asks needs usage and select. Write to the tables through an engine only: the
// truth of a customer is the packed record, of which the others are copies.
//
// # Questions
//
// The views have the names, columns and meaning of those of package sqlite. What is
// stuck was given up, or failed at least once and waits to be tried again.
//
//	-- who is in stage overdue, for how long?
//	select name, since, next from regulars.who_is_where where pipeline = 'cakes' and stage = 'overdue' order by since;
//	-- who is a VIP?
//	select name, since from regulars.who_is_in where segment = 'vip';
//	-- what was sent to Olga?
//	select sent, channel, text from regulars.what_was_sent where customer = 'olga' order by sent;
//	-- what is stuck, and why?
//	select customer, what, since, again, channel, attempts, error from regulars.what_is_stuck;
//	-- what happened to Olga?
//	select at, kind, stage, segment, ref, reason from regulars.timeline_events where customer = 'olga' order by seq, place;
//	-- how many wake-ups are late, and how late?
//	select count(*), now() - min(due) from regulars.wakes where due < now();
//
// # Pruning
//
// pipeline.Engine.Prune takes three round trips for a batch of customers, and one
// short transaction, which locks no customer: commits and claims go on beside it.
// Vacuum makes the room of what was removed free to be used again. It comes by
// itself: for deliveries when a fiftieth of them is dead, for timeline and activities
// at a fifth, which suits a prune every night. The tables stop growing; they do not
// shrink. After a first, large prune, vacuum (analyze) at once, and where the disk is
// wanted back, run vacuum full, which locks the table, or pg_repack.
//
// # Backup and restore
//
// The schema holds everything, and stands alone:
//
//	pg_dump -Fc -n regulars shop > regulars.dump
//	pg_restore -d shop regulars.dump
//
// A dump is of one instant, also while engines work. An engine that goes on from it
// waits for the leases of that instant to run out, minutes, then does what is due since,
// each at its own time. Deliveries that were sent since the dump are sent again, under
// the same IDs, and what was applied since is to be applied again, which changes nothing
// where it is known. Stop all engines before a restore: a store that stays open knows
// records that are no longer there. Point-in-time recovery of the whole server works as
// for any other tables.
//
// # Poolers
//
// Statements do not depend on a search_path or on anything a session keeps, so a
// pooler in transaction mode will do, with pgx's QueryExecModeCacheDescribe or
// QueryExecModeExec where it does not know prepared statements, and with [New] rather
// than [Open]: what [AfterConnect] sets would be lost, or be there for others. Set the
// same for the pooler's role (alter role ... set). [Store.Changes] and
// [Migrate] need real sessions: behind such a pooler, migrate past it, and expect hints
// to fail and Run to look once a minute.
//
// # Scaling out
//
// One server goes far; see the arithmetic below. Beyond it, everything can be
// distributed by customer: every primary key and every secondary index contains the
// customer, nothing is unique across customers, there are no foreign keys and no
// sequences (the order within a customer comes from the record's version), and no
// statement that writes joins the rows of two customers.
//
// Citus: after Migrate, before there is much data,
//
//	select create_distributed_table('regulars.customers', 'customer');
//	-- and wakes, cards, cycles, lookups, purchases, activities, timeline, deliveries, pruned alike,
//	-- with colocate_with => 'regulars.customers'
//	select create_reference_table('regulars.definitions');
//	select create_reference_table('regulars.cuts');
//
// Statements that name one customer, and Load, are routed or joined shard by shard.
// FOR UPDATE SKIP LOCKED across shards is what Citus does not offer in one statement:
// claims, and batches of several customers in one statement, want a Store per shard
// group, or rather the plan below.
//
// CockroachDB and YugabyteDB speak the protocol and know FOR UPDATE SKIP LOCKED, unnest,
// on conflict, partial indexes and statements that write in WITH. They distribute by
// primary key with nothing to do. The settings fillfactor, toast_tuple_target and
// autovacuum_* and the type json (CockroachDB: jsonb) must be taken out of the first
// migration, hints by LISTEN are not to be counted on, and transactions must be read
// committed, which is a setting in both.
//
// The plan that needs no special database: split customers by a hash of their IDs over
// k databases, and run an engine with a Store per database. Nothing in the library
// reaches over two customers, so that k databases do k times the work. Only Customers
// and other sequences must be merged, each database pruned, and definitions saved k
// times, which the engines do by themselves.
//
// Tested here: PostgreSQL 15, one server, up to four processes, killed at random.
// Not tested here: Citus, CockroachDB, YugabyteDB, other versions of PostgreSQL (no
// statement needs more than 14), poolers, replicas. Try storetest.Run on yours, with the
// DSN in REGULARS_TEST_POSTGRES.
//
// Arithmetic for 100 million customers, each with five purchases, ten segments, two
// pipelines and 25 events a year, from the sizes of rows here: customers 100 M × 0.7 KB =
// 70 GB with free room; lookups 1.4 G rows × 2 indexes ≈ 280 GB; purchases 500 M ≈ 120 GB;
// timeline, one row per commit of some five events, 500 M a year ≈ 250 GB; cards, cycles
// and wakes ≈ 90 GB; deliveries, ten a year, 1 G ≈ 350 GB until they are pruned: some
// 1.2 TB a year. Load: 500 M purchases a year are 16 a second on average, 160 at ten times
// that; with seven wake-ups each some 1,300 steps a second at the peak. One server takes
// thousands in batches, so it is size and vacuum, not load, that ask for a split: eight
// databases of 12.5 M customers keep each at 150 GB a year, and its hot rows in memory.
package postgres
