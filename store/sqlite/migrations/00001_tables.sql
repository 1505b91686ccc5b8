-- +goose Up

-- What an event costs is the pages it changes, and in a large database each row
-- and each index entry of a customer is on a page of its own. So there are few
-- trees with something for each event, and none that only orders what is read.

-- One row for each customer: all that the library knows of them, packed, and
-- the few columns that are asked for beside it. Every step updates this row.
create table customers (
	id          integer primary key,
	customer    text    not null, -- the ID that the shop gave
	version     integer not null, -- grows by one with each commit
	as_of       integer not null, -- up to when the customer was stepped, in microseconds since 1970, as all times here
	due         integer,          -- when the wake-up can be claimed, unless it is leased; null: never
	definitions text    not null, -- version of the definitions the customer was last stepped under
	cycles      text    not null, -- a JSON array of objects; see the view cycles
	record      blob    not null  -- the whole state, packed
) strict;

create unique index customers_customer on customers (customer);
create index customers_due on customers (due) where due is not null;

-- Whose wake-up is being worked on: nobody else is handed it before the lease ends.
create table leases (
	id    integer primary key, -- of the customer's row
	until integer not null
) strict;

create index leases_until on leases (until);

-- The card of each customer, to read. Lists are joined by char(31).
create table cards (
	customer text    not null primary key,
	name     text    not null,
	emails   text    not null,
	phones   text    not null,
	source   text    not null,
	manager  text    not null,
	tags     text    not null,
	zone     text    not null,
	locale   text    not null,
	since    integer -- when the customer became known
) strict, without rowid;

-- What a customer is found by: 'contact', 'manager', 'segment' and 'tag'.
create table lookups (
	customer text not null,
	kind     text not null,
	value    text not null,
	since    integer, -- of a segment: since when the customer is in it
	primary key (customer, kind, value)
) strict, without rowid;

create index lookups_value on lookups (kind, value, customer);

-- Who is in each stage of each pipeline. The rest of a cycle is in the customer's
-- row: it changes with each purchase, when the stage often does not.
create table stages (
	pipeline text not null,
	stage    text not null, -- empty: the cycle was refused
	customer text not null,
	primary key (pipeline, stage, customer)
) strict, without rowid;

create table purchases (
	customer text    not null,
	id       text    not null, -- unique for the customer
	at       integer not null,
	amount   integer not null, -- what was paid, in minor units
	refunded integer not null, -- what was given back of it
	source   text    not null,
	data     blob    not null, -- the whole purchase, packed
	primary key (customer, id)
) strict, without rowid;

-- Of activities a customer may have thousands, of which few are ever read again.
create table activities (
	customer text    not null,
	at       integer not null,
	id       text    not null, -- unique for the customer
	name     text    not null,
	data     blob    not null, -- the whole activity, packed
	primary key (customer, at, id)
) strict, without rowid;

create unique index activities_id on activities (customer, id);

-- What happened to each customer, in the order in which it became known; one row
-- for each commit that has events. See the view timeline_events.
create table timeline (
	seq      integer primary key,
	customer text not null,
	events   text not null -- a JSON array of objects
) strict;

create index timeline_customer on timeline (customer);

-- The outbox. Deliveries of one customer over one channel, a lane, leave in the
-- order of turn: the first that waits has ready set, those behind it have not.
create table deliveries (
	turn      integer primary key, -- the place in its lane; a delivery that is redriven gets another
	seq       integer not null,    -- in the order of commits, for good
	customer  text    not null,
	id        text    not null,
	trigger   text    not null,
	kind      integer not null,    -- 1 message, 2 task, 3 webhook
	channel   text    not null,
	recipient text    not null,
	subject   text    not null,
	text      text    not null,
	url       text    not null,
	at        integer not null,    -- when it came about
	state     integer not null,    -- 0 waiting, 1 sent, 2 dead
	attempts  integer not null,
	due       integer not null,    -- when it can be tried next, or when it was settled
	ready     integer,             -- due, where it is the next of its lane; else null
	error     text    not null,    -- of the latest failed attempt
	rest      blob    not null     -- what the columns do not hold, packed
) strict;

create index deliveries_ready on deliveries (ready) where ready is not null;
-- The few that wait are together, however long the history of what was sent.
create index deliveries_state on deliveries (state, customer, seq);

-- The definitions that customers were stepped under.
create table definitions (
	version  text not null primary key,
	document blob not null -- JSON text
) strict, without rowid;

-- +goose Down

drop table definitions;
drop table deliveries;
drop table timeline;
drop table activities;
drop table purchases;
drop table stages;
drop table lookups;
drop table cards;
drop table leases;
drop table customers;
