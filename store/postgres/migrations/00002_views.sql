-- What people ask, and what the tables and columns mean to them. The views are named as
-- those of package sqlite, with the same columns, which mean the same.

-- +goose Up

create view who_is_where as
select y.customer, c.name, y.pipeline, y.stage, y.number as cycle, y.entered as since, y.next,
    nullif(y.closed, '') as closed, nullif(c.manager, '') as manager
from cycles y left join cards c using (customer);
comment on view who_is_where is 'Who is in which stage of which pipeline.';
comment on column who_is_where.customer is 'The ID that the shop gave.';
comment on column who_is_where.name is 'What the customer is called.';
comment on column who_is_where.pipeline is 'The ID of the pipeline.';
comment on column who_is_where.stage is 'The current stage; empty once the customer refused.';
comment on column who_is_where.cycle is 'How many purchases the pipeline has taken.';
comment on column who_is_where.since is 'Since when the customer is in the stage.';
comment on column who_is_where.next is 'When the next purchase is expected. Null: no date is known.';
comment on column who_is_where.closed is 'Why the cycle is over. Null: it runs.';
comment on column who_is_where.manager is 'The ID of who looks after the customer. Null: nobody.';

create view who_is_in as
select l.customer, c.name, l.value as segment, l.since
from lookups l left join cards c using (customer) where l.kind = 'segment';
comment on view who_is_in is 'Who is in which segment.';
comment on column who_is_in.customer is 'The ID that the shop gave.';
comment on column who_is_in.name is 'What the customer is called.';
comment on column who_is_in.segment is 'The ID of the segment.';
comment on column who_is_in.since is 'Since when the customer is in it.';

create view what_was_sent as
select d.customer, c.name, d.due as sent,
    case d.kind when 1 then 'message' when 2 then 'task' when 3 then 'webhook' else d.kind::text end as kind,
    d.channel, d.recipient, d.subject, d.text, d.url, d.trigger, d.attempts, d.id
from deliveries d left join cards c using (customer) where d.state = 1;
comment on view what_was_sent is 'What has left.';
comment on column what_was_sent.customer is 'The ID of whom it was for.';
comment on column what_was_sent.name is 'What the customer is called.';
comment on column what_was_sent.sent is 'When it was confirmed.';
comment on column what_was_sent.kind is 'message, task or webhook.';
comment on column what_was_sent.channel is 'What it left over.';
comment on column what_was_sent.recipient is 'The address or number it went to; of a task, the manager.';
comment on column what_was_sent.subject is 'Its subject.';
comment on column what_was_sent.text is 'Its text.';
comment on column what_was_sent.url is 'Where a webhook was posted to.';
comment on column what_was_sent.trigger is 'The ID of the trigger it is of.';
comment on column what_was_sent.attempts is 'How often it was handed out to be sent.';
comment on column what_was_sent.id is 'Its own ID, stable, for receivers to drop what comes twice.';

create view what_is_stuck as
select d.customer, c.name, 'given up' as what, d.due as since, null::timestamptz as again,
    case d.kind when 1 then 'message' when 2 then 'task' when 3 then 'webhook' else d.kind::text end as kind,
    d.channel, d.recipient, d.subject, d.text, d.attempts, d.error, d.trigger, d.id
from deliveries d left join cards c using (customer)
where d.state = 2
union all
select d.customer, c.name, 'tried again', d.at, d.due,
    case d.kind when 1 then 'message' when 2 then 'task' when 3 then 'webhook' else d.kind::text end,
    d.channel, d.recipient, d.subject, d.text, d.attempts, d.error, d.trigger, d.id
from deliveries d left join cards c using (customer)
where d.state = 0 and d.error <> '';
comment on view what_is_stuck is 'What was given up, or failed at least once and waits to be tried again.';
comment on column what_is_stuck.customer is 'The ID of whom it is for.';
comment on column what_is_stuck.name is 'What the customer is called.';
comment on column what_is_stuck.what is 'given up, or tried again.';
comment on column what_is_stuck.since is 'When it was given up; of what is tried again, when it came about.';
comment on column what_is_stuck.again is 'When it is tried next. Null: it was given up.';
comment on column what_is_stuck.kind is 'message, task or webhook.';
comment on column what_is_stuck.channel is 'What it is to leave over.';
comment on column what_is_stuck.recipient is 'The address or number it is to go to; of a task, the manager.';
comment on column what_is_stuck.subject is 'Its subject.';
comment on column what_is_stuck.text is 'Its text.';
comment on column what_is_stuck.attempts is 'How often it was handed out to be sent.';
comment on column what_is_stuck.error is 'What the notifier said last.';
comment on column what_is_stuck.trigger is 'The ID of the trigger it is of.';
comment on column what_is_stuck.id is 'Its own ID.';

create view timeline_events as
select t.customer, t.seq, e.place, a.at,
    case when e.event -> 'known' is null then a.at
        else timestamptz 'epoch' + (e.event ->> 'known')::bigint * interval '1 microsecond' end as known,
    e.event ->> 'kind' as kind, e.event ->> 'pipeline' as pipeline, e.event ->> 'stage' as stage,
    e.event ->> 'segment' as segment, e.event ->> 'trigger' as trigger, e.event ->> 'ref' as ref,
    e.event ->> 'name' as name, (e.event ->> 'amount')::bigint as amount, (e.event ->> 'cycle')::bigint as cycle,
    e.event ->> 'actor' as actor, e.event ->> 'reason' as reason
from timeline t
    cross join lateral json_array_elements(t.events) with ordinality as e (event, place)
    cross join lateral (select timestamptz 'epoch' + (e.event ->> 'at')::bigint * interval '1 microsecond') as a (at);
comment on view timeline_events is 'What happened to a customer, one row per event, in order of seq and place.';
comment on column timeline_events.customer is 'The ID that the shop gave.';
comment on column timeline_events.seq is 'The commit that it is of: order within the customer.';
comment on column timeline_events.place is 'Its place within the commit, from 1.';
comment on column timeline_events.at is 'When it took effect.';
comment on column timeline_events.known is 'When it became known.';
comment on column timeline_events.kind is 'What happened, as purchase or stage_entered. What the columns behind hold depends on it; null: nothing.';
comment on column timeline_events.pipeline is 'The ID of the pipeline.';
comment on column timeline_events.stage is 'The ID of the stage.';
comment on column timeline_events.segment is 'The ID of the segment.';
comment on column timeline_events.trigger is 'The ID of the trigger.';
comment on column timeline_events.ref is 'The ID of the purchase, activity, run or delivery.';
comment on column timeline_events.name is 'A name: of the activity, the tag, the channel or what else the kind is about.';
comment on column timeline_events.amount is 'An amount in minor units.';
comment on column timeline_events.cycle is 'The number of the cycle.';
comment on column timeline_events.actor is 'Who did it by hand.';
comment on column timeline_events.reason is 'Why.';

comment on table customers is 'Each customer as last stepped. The truth is the packed record; cards, cycles and lookups are readable copies of parts of it. Change none of them by hand.';
comment on column customers.customer is 'The ID that the shop gave.';
comment on column customers.version is 'Grows by one with each commit.';
comment on column customers.as_of is 'The instant up to which the customer was stepped.';
comment on column customers.definitions is 'Version of the definitions the customer was last stepped under; see definitions.';
comment on column customers.record is 'The whole record, packed (see the package store/internal/pack).';
comment on table wakes is 'When each customer may change by the clock alone, and so is stepped next.';
comment on column wakes.customer is 'Who.';
comment on column wakes.due is 'When the wake-up can be claimed; while it is leased, when the lease ends. Null: never.';
comment on column wakes.lease is 'A number of whoever has leased it. Null: nobody.';
comment on table cards is 'Readable copy of the customers'' cards.';
comment on column cards.customer is 'Whose card it is.';
comment on column cards.name is 'What the customer is called.';
comment on column cards.emails is 'E-mail addresses.';
comment on column cards.phones is 'Phone numbers.';
comment on column cards.source is 'Where the customer came from.';
comment on column cards.tags is 'Tags.';
comment on column cards.zone is 'Time zone, as Europe/Berlin; empty: that of the engine.';
comment on column cards.locale is 'Language, as de; empty: unknown.';
comment on column cards.since is 'When the customer became known.';
comment on column cards.manager is 'The ID of who looks after the customer.';
comment on table cycles is 'Readable copy of where customers stand: one row per customer and pipeline. See the view who_is_where.';
comment on column cycles.customer is 'Who.';
comment on column cycles.pipeline is 'The ID of the pipeline.';
comment on column cycles.number is 'How many purchases the pipeline has taken.';
comment on column cycles.stage is 'The current stage; empty once the customer refused.';
comment on column cycles.entered is 'Since when the customer is in the stage.';
comment on column cycles.next is 'When the next purchase is expected. Null: no date is known.';
comment on column cycles.closed is 'Why the cycle is over; empty: it runs.';
comment on column cycles.purchase is 'The ID of the purchase that opened the cycle.';
comment on table lookups is 'What customers are found by: a row for each segment, tag, manager and contact.';
comment on column lookups.customer is 'Who is found.';
comment on column lookups.value is 'The ID of the segment or manager, the tag, the address or number.';
comment on column lookups.kind is 'segment, tag, manager or contact (an e-mail address or phone).';
comment on column lookups.since is 'Of a segment: since when the customer is in it.';
comment on table purchases is 'Purchases. Amounts are in minor units.';
comment on column purchases.customer is 'Who bought.';
comment on column purchases.at is 'When.';
comment on column purchases.id is 'The ID that the shop gave, unique for the customer.';
comment on column purchases.amount is 'What was paid.';
comment on column purchases.source is 'Where it was bought.';
comment on column purchases.net is 'What is left of the amount after refunds.';
comment on column purchases.data is 'The whole purchase with its items and refunds, packed.';
comment on table activities is 'What else customers did.';
comment on column activities.customer is 'Who.';
comment on column activities.at is 'When.';
comment on column activities.id is 'The ID that the shop gave, unique for the customer.';
comment on column activities.name is 'What it was, as page_view.';
comment on column activities.data is 'The whole activity with its properties, packed.';
comment on table timeline is 'What happened, one row per commit. The view timeline_events has a row per event.';
comment on column timeline.customer is 'To whom.';
comment on column timeline.seq is 'Order within the customer.';
comment on column timeline.events is 'The events: an array of objects. at and known are microseconds since 1970.';
comment on table deliveries is 'The outbox: messages, tasks and webhooks, sent and to be sent. See the views what_was_sent and what_is_stuck.';
comment on column deliveries.customer is 'Whom it is for.';
comment on column deliveries.id is 'Its own ID, stable, for receivers to drop what comes twice.';
comment on column deliveries.trigger is 'The ID of the trigger it is of.';
comment on column deliveries.channel is 'What it leaves over.';
comment on column deliveries.subject is 'Its subject.';
comment on column deliveries.text is 'Its text.';
comment on column deliveries.url is 'Where a webhook is posted to.';
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
comment on column definitions.version is 'The hash by which records name them.';
comment on column definitions.document is 'The JSON document.';
comment on function fail(text, text) is 'Ends a transaction that found something other than it expected, such as a customer changed by someone else (RG001).';

-- +goose Down
drop view who_is_where, who_is_in, what_was_sent, what_is_stuck, timeline_events;
