-- Every table is keyed by customer first, and nothing is unique across customers,
-- so that all of it can be distributed by customer. Keys compare byte by byte
-- (collate "C"): that is the order in which customers are listed, it is the
-- fastest, and an upgrade of the operating system cannot change it.

-- +goose Up

-- The hot row: each step of a customer replaces it. It is narrow, it has no index
-- but its key, and three tenths of every page are left free, so that an update stays
-- on its page and touches no index at all (HOT). Such updates clean up after
-- themselves; vacuum comes early all the same, while there is little to do.
create table customers (
    customer    text collate "C" not null primary key,
    version     bigint      not null,
    as_of       timestamptz,
    definitions text        not null,
    record      bytea       not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, toast_tuple_target = 4080);
-- A record is packed already: to compress it would cost time and gain nothing.
alter table customers alter column record set storage external;

-- A queue: its index is read from the left, where the entries of what was done
-- lie about until vacuum takes them away, and every claim steps over them. So vacuum
-- comes when a hundredth of it is dead, and does not dawdle.
create table wakes (
    customer text collate "C" not null primary key,
    due      timestamptz,
    lease    bigint
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
create index wakes_due on wakes (due) where due is not null;

create table cards (
    customer text collate "C" not null primary key,
    name     text        not null,
    emails   text[]      not null,
    phones   text[]      not null,
    source   text        not null,
    manager  text        not null,
    tags     text[]      not null,
    zone     text        not null,
    locale   text        not null,
    since    timestamptz
);

-- A new purchase mostly changes the dates of a cycle and not its stage: with some
-- room on the page, such an update touches no index.
create table cycles (
    customer text collate "C" not null,
    pipeline text collate "C" not null,
    number   integer     not null,
    stage    text collate "C" not null,
    entered  timestamptz,
    next     timestamptz,
    closed   text        not null,
    purchase text        not null,
    primary key (customer, pipeline)
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
create index cycles_stage on cycles (pipeline, stage, customer);

create table lookups (
    customer text collate "C" not null,
    kind     text collate "C" not null,
    value    text collate "C" not null,
    since    timestamptz,
    primary key (customer, kind, value)
) with (autovacuum_vacuum_scale_factor = 0.05);
create index lookups_value on lookups (kind, value, customer);

create table purchases (
    customer text collate "C" not null,
    at       timestamptz not null,
    id       text collate "C" not null,
    amount   bigint      not null,
    net      bigint      not null,
    source   text        not null,
    data     bytea       not null,
    primary key (customer, at, id)
);

create table activities (
    customer text collate "C" not null,
    at       timestamptz not null,
    id       text collate "C" not null,
    name     text        not null,
    data     bytea       not null,
    primary key (customer, at, id)
);

-- One row per commit, not per event: rows and index entries are what a commit
-- costs. It is json and not jsonb because it is only ever written and read whole.
create table timeline (
    customer text collate "C" not null,
    seq      bigint not null,
    events   json   not null,
    primary key (customer, seq)
);

-- Deliveries stay when they were sent. The indexes but the key hold only what is
-- waiting or dead, so that their size is that of the queue, whatever the history's.
-- What waits has state 0; the index by customer says it differently, so that who asks
-- in its words is never given the one by due, to be read from end to end.
create table deliveries (
    customer  text collate "C" not null,
    seq       bigint      not null,
    turn      bigint      not null,
    id        text collate "C" not null,
    trigger   text        not null,
    kind      smallint    not null,
    channel   text collate "C" not null,
    recipient text        not null,
    subject   text        not null,
    text      text        not null,
    url       text        not null,
    at        timestamptz not null,
    rest      bytea       not null,
    state     smallint    not null default 0,
    attempts  integer     not null default 0,
    due       timestamptz not null,
    error     text        not null default '',
    primary key (customer, seq)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create index deliveries_due on deliveries (due, customer, turn) where state = 0;
create index deliveries_lane on deliveries (customer, channel, turn) where state < 1;
create index deliveries_dead on deliveries (customer, seq) where state = 2;

create table definitions (
    version  text collate "C" not null primary key,
    document text not null
);

-- Ends a transaction that found something other than it expected. A function,
-- because a statement in a pipeline cannot ask the client what to do.
-- +goose StatementBegin
create function fail(code text, message text) returns integer language plpgsql as $$
begin
    raise exception using errcode = code, message = message;
end
$$;
-- +goose StatementEnd

-- +goose Down
drop function fail;
drop table customers, wakes, cards, cycles, lookups, purchases, activities, timeline, deliveries, definitions;
