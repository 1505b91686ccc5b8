-- What people ask. The views are named as those of package postgres, with the same
-- columns, which mean the same; so is the table there that is the view cycles here.

-- +goose Up

-- Where a customer stands in each pipeline: where customer = 'olga'.
create view cycles as
select c.customer, e.value ->> 'pipeline' as pipeline,
	coalesce(e.value ->> 'number', 0) as number, -- how many purchases the pipeline has taken
	coalesce(e.value ->> 'stage', '') as stage, -- empty: the cycle was refused
	datetime(e.value ->> 'entered' / 1000000, 'unixepoch') as entered, -- since when the customer is in the stage
	datetime(e.value ->> 'next' / 1000000, 'unixepoch') as next, -- when the next purchase is expected
	coalesce(e.value ->> 'closed', '') as closed, -- why the cycle is over; empty: it runs
	coalesce(e.value ->> 'purchase', '') as purchase -- that opened the cycle
from customers c, json_each(c.cycles) e;

-- Who is in which stage of which pipeline: where pipeline = 'cakes' and stage = 'due'.
create view who_is_where as
select s.customer, d.name, s.pipeline, s.stage, y.number as cycle, y.entered as since, y.next,
	nullif(y.closed, '') as closed, -- null: the cycle runs
	nullif(d.manager, '') as manager
from stages s join cycles y on y.customer = s.customer and y.pipeline = s.pipeline
left join cards d on d.customer = s.customer;

-- Who is in which segment: where segment = 'vip'.
create view who_is_in as
select l.customer, c.name, l.value as segment, datetime(l.since / 1000000, 'unixepoch') as since
from lookups l left join cards c on c.customer = l.customer
where l.kind = 'segment';

-- What was sent to whom: where customer = 'olga'.
create view what_was_sent as
select d.customer, c.name, datetime(d.due / 1000000, 'unixepoch') as sent, -- when it was confirmed
	case d.kind when 1 then 'message' when 2 then 'task' when 3 then 'webhook' else cast(d.kind as text) end as kind,
	d.channel, d.recipient, d.subject, d.text, d.url, d.trigger, d.attempts, d.id
from deliveries d left join cards c on c.customer = d.customer
where d.state = 1;

-- What is stuck: given up, or failed at least once and waiting to be tried again.
create view what_is_stuck as
select d.customer, c.name, 'given up' as what,
	datetime(d.due / 1000000, 'unixepoch') as since, -- given up, or come about
	null as again, -- when it is tried next
	case d.kind when 1 then 'message' when 2 then 'task' when 3 then 'webhook' else cast(d.kind as text) end as kind,
	d.channel, d.recipient, d.subject, d.text, d.attempts, d.error, d.trigger, d.id
from deliveries d left join cards c on c.customer = d.customer
where d.state = 2
union all
select d.customer, c.name, 'tried again', datetime(d.at / 1000000, 'unixepoch'), datetime(d.due / 1000000, 'unixepoch'),
	case d.kind when 1 then 'message' when 2 then 'task' when 3 then 'webhook' else cast(d.kind as text) end,
	d.channel, d.recipient, d.subject, d.text, d.attempts, d.error, d.trigger, d.id
from deliveries d left join cards c on c.customer = d.customer
where d.state = 0 and d.error <> '';

-- What happened to whom, one row for each event: where customer = 'olga' order by seq, place.
create view timeline_events as
select t.customer, t.seq, e.key + 1 as place,
	datetime(e.value ->> 'at' / 1000000, 'unixepoch') as at, -- when it took effect
	datetime(case when json_type(e.value, '$.known') is null then e.value ->> 'at' else e.value ->> 'known' end / 1000000, 'unixepoch')
		as known, -- when it became known
	e.value ->> 'kind' as kind,
	e.value ->> 'pipeline' as pipeline, e.value ->> 'stage' as stage,
	e.value ->> 'segment' as segment, e.value ->> 'trigger' as trigger,
	e.value ->> 'ref' as ref, e.value ->> 'name' as name, e.value ->> 'amount' as amount,
	e.value ->> 'cycle' as cycle, e.value ->> 'actor' as actor, e.value ->> 'reason' as reason
from timeline t, json_each(t.events) e;

-- +goose Down

drop view timeline_events;
drop view what_is_stuck;
drop view what_was_sent;
drop view who_is_in;
drop view who_is_where;
drop view cycles;
