-- +goose Up

create table cuts (
    keep   text collate "C" not null primary key,
    before timestamptz not null
);
comment on table cuts is 'By what activities were pruned. A few rows, of no customer: on a cluster, every machine has all of them.';
comment on column cuts.keep is 'What was kept even so: a JSON array of names and how far back they are, in nanoseconds.';
comment on column cuts.before is 'What happened before this was removed.';

-- +goose Down
drop table cuts;
