-- +goose Up

create table cuts (
    keep   text collate "C" not null primary key,
    before timestamptz not null
);
comment on table cuts is 'By what activities were pruned. A few rows, of no customer: on a cluster, every machine has all of them.';
comment on column cuts.keep is 'What was kept even so: a JSON array of names and how far back they are, in nanoseconds.';
comment on column cuts.before is 'What happened before this was removed.';

create table pruned (
    customer   text collate "C" not null primary key,
    activities timestamptz,
    timeline   bigint
);
comment on table pruned is 'What of a customer is gone.';
comment on column pruned.customer is 'Whose; who was never pruned is not here.';
comment on column pruned.activities is 'When the last of the activities that were removed happened.';
comment on column pruned.timeline is 'The last row of the timeline that was removed whole: no number is given out twice.';

-- +goose Down
drop table pruned;
drop table cuts;
