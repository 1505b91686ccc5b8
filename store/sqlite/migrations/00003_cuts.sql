-- +goose Up

-- By what activities were pruned: those before an instant, but for those kept, a
-- JSON array of names and how far back they are, in nanoseconds.
create table cuts (
	keep   text    not null primary key,
	before integer not null
) strict, without rowid;

-- When the last of the activities that were removed of a customer happened. Of
-- whom none was, is not here.
create table pruned (
	customer text    not null primary key,
	at       integer not null
) strict, without rowid;

-- +goose Down

drop table pruned;
drop table cuts;
