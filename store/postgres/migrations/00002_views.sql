-- What people ask, and what the tables and columns mean to them.

-- +goose Up

create view who_is_where as
select y.customer, c.name, y.pipeline, y.stage, y.entered as since, y.next, nullif(y.closed, '') as closed
from cycles y left join cards c using (customer);
comment on view who_is_where is 'Who is in which stage of which pipeline, since when, and when the next purchase is expected. closed: why the cycle is over; null: it runs.';

create view who_is_in as
select l.customer, c.name, l.value as segment, l.since
from lookups l left join cards c using (customer) where l.kind = 'segment';
comment on view who_is_in is 'Who is in which segment, and since when.';

create view what_was_sent as
select d.customer, c.name, d.due as settled, d.channel, d.recipient, d.subject, d.text, d.url, d.trigger,
    case d.kind when 1 then 'message' when 2 then 'task' when 3 then 'webhook' else d.kind::text end as kind,
    d.attempts, d.id
from deliveries d left join cards c using (customer) where d.state = 1;
comment on view what_was_sent is 'What has left: to whom, when it was confirmed, over which channel, with what text.';

create view what_is_stuck as
select d.customer, c.name, case d.state when 2 then 'dead' else 'overdue' end as state, d.due, d.attempts, d.error,
    d.channel, d.recipient, d.subject, d.text, d.trigger, d.id
from deliveries d left join cards c using (customer)
where d.state = 2
union all
select d.customer, c.name, 'overdue', d.due, d.attempts, d.error,
    d.channel, d.recipient, d.subject, d.text, d.trigger, d.id
from deliveries d left join cards c using (customer)
where d.state = 0 and d.due < now() - interval '10 minutes';
comment on view what_is_stuck is 'What was given up (dead), and what should have left ten minutes ago (overdue). error: what the notifier said last.';

create view timeline_events as
select t.customer, t.seq, e.place, e.event ->> 'kind' as kind, a.at,
    case when e.event -> 'known' is null then a.at
        else timestamptz 'epoch' + (e.event ->> 'known')::bigint * interval '1 microsecond' end as known,
    e.event ->> 'pipeline' as pipeline, e.event ->> 'stage' as stage, e.event ->> 'segment' as segment,
    e.event ->> 'trigger' as trigger, e.event ->> 'ref' as ref, e.event ->> 'name' as name,
    (e.event ->> 'amount')::bigint as amount, (e.event ->> 'cycle')::bigint as cycle,
    e.event ->> 'actor' as actor, e.event ->> 'reason' as reason
from timeline t
    cross join lateral json_array_elements(t.events) with ordinality as e (event, place)
    cross join lateral (select timestamptz 'epoch' + (e.event ->> 'at')::bigint * interval '1 microsecond') as a (at);
comment on view timeline_events is 'What happened to a customer, one row per event, in order of seq and place. at: when it took effect; known: when it became known.';

comment on table customers is 'Each customer as last stepped. The truth is the packed record; cards, cycles and lookups are readable copies of parts of it. Change none of them by hand.';
comment on column customers.version is 'Grows by one with each commit.';
comment on column customers.as_of is 'The instant up to which the customer was stepped.';
comment on column customers.definitions is 'Version of the definitions the customer was last stepped under; see definitions.';
comment on column customers.record is 'The whole record, packed (see the package store/internal/pack).';
comment on table wakes is 'When each customer may change by the clock alone, and so is stepped next.';
comment on column wakes.due is 'When the wake-up can be claimed; while it is leased, when the lease ends. Null: never.';
comment on column wakes.lease is 'A number of whoever has leased it. Null: nobody.';
comment on table cards is 'Readable copy of the customers'' cards.';
comment on column cards.since is 'When the customer became known.';
comment on column cards.manager is 'The ID of who looks after the customer.';
comment on table cycles is 'Readable copy of where customers stand: one row per customer and pipeline. See the view who_is_where.';
comment on column cycles.number is 'How many purchases the pipeline has taken.';
comment on column cycles.stage is 'The current stage; empty once the customer refused.';
comment on column cycles.entered is 'Since when the customer is in the stage.';
comment on column cycles.next is 'When the next purchase is expected. Null: no date is known.';
comment on column cycles.closed is 'Why the cycle is over; empty: it runs.';
comment on column cycles.purchase is 'The ID of the purchase that opened the cycle.';
comment on table lookups is 'What customers are found by: a row for each segment, tag, manager and contact.';
comment on column lookups.kind is 'segment, tag, manager or contact (an e-mail address or phone).';
comment on column lookups.since is 'Of a segment: since when the customer is in it.';
comment on table purchases is 'Purchases. Amounts are in minor units.';
comment on column purchases.net is 'What is left of the amount after refunds.';
comment on column purchases.data is 'The whole purchase with its items and refunds, packed.';
comment on table activities is 'What else customers did.';
comment on column activities.data is 'The whole activity with its properties, packed.';
comment on table timeline is 'What happened, one row per commit. The view timeline_events has a row per event.';
comment on column timeline.seq is 'Order within the customer.';
comment on column timeline.events is 'The events: an array of objects. at and known are microseconds since 1970.';
comment on table deliveries is 'The outbox: messages, tasks and webhooks, sent and to be sent. See the views what_was_sent and what_is_stuck.';
comment on column deliveries.seq is 'Order of commit within the customer.';
comment on column deliveries.turn is 'Order in which those of one customer and channel leave; differs from seq after a redrive.';
comment on column deliveries.kind is '1 message, 2 task, 3 webhook.';
comment on column deliveries.recipient is 'The address or number it goes to; of a task, the manager.';
comment on column deliveries.at is 'When it came about, and may leave from.';
comment on column deliveries.rest is 'What caused it, packed.';
comment on column deliveries.state is '0 waiting, 1 sent, 2 dead.';
comment on column deliveries.attempts is 'How often it was handed out to be sent.';
comment on column deliveries.due is 'Waiting: when it can be claimed next; else when it was settled.';
comment on column deliveries.error is 'Why the latest failed attempt failed.';
comment on table definitions is 'Every version of the definitions that was in use, as JSON.';
comment on function fail(text, text) is 'Ends a transaction that found something other than it expected, such as a customer changed by someone else (RG001).';

-- +goose Down
drop view who_is_where, who_is_in, what_was_sent, what_is_stuck, timeline_events;
