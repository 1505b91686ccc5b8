-- +goose Up

-- Where a customer stands in each pipeline: where customer = 'olga'.
create view cycles as
select c.customer, e.value ->> 'pipeline' as pipeline,
	coalesce(e.value ->> 'stage', '') as stage, -- empty: the cycle was refused
	e.value ->> 'number' as number, -- from 1
	coalesce(e.value ->> 'purchase', '') as purchase, -- that opened the cycle
	e.value ->> 'entered' as entered, -- since when the customer is in the stage
	e.value ->> 'next' as next, -- when the next purchase is expected
	coalesce(e.value ->> 'closed', '') as closed -- why the cycle is over; empty: it is open
from customers c, json_each(c.cycles) e;

-- Who is in which stage of which pipeline: where pipeline = 'cakes' and stage = 'due'.
create view who_is_where as
select s.customer, d.name, s.pipeline, s.stage, y.number as cycle,
	datetime(y.entered / 1000000, 'unixepoch') as since,
	datetime(y.next / 1000000, 'unixepoch') as next,
	y.closed, d.manager
from stages s join cycles y on y.customer = s.customer and y.pipeline = s.pipeline
left join cards d on d.customer = s.customer;

-- Who is in which segment: where segment = 'vip'.
create view who_is_in as
select l.customer, c.name, l.value as segment, datetime(l.since / 1000000, 'unixepoch') as since
from lookups l left join cards c on c.customer = l.customer
where l.kind = 'segment';

-- What was sent to whom: where customer = 'olga'.
create view what_was_sent as
select d.customer, c.name, datetime(d.due / 1000000, 'unixepoch') as sent,
	case d.kind when 1 then 'message' when 2 then 'task' when 3 then 'webhook' end as kind,
	d.channel, d.recipient, d.subject, d.text, d.url, d.trigger, d.attempts, d.id
from deliveries d left join cards c on c.customer = d.customer
where d.state = 1;

-- What is stuck: given up, or failed at least once and waiting to be tried again.
create view what_is_stuck as
select d.customer, c.name, 'given up' as what, datetime(d.due / 1000000, 'unixepoch') as since,
	null as again, d.channel, d.recipient, d.attempts, d.error, d.trigger, d.id
from deliveries d left join cards c on c.customer = d.customer
where d.state = 2
union all
select d.customer, c.name, 'tried again', datetime(d.at / 1000000, 'unixepoch'),
	datetime(d.due / 1000000, 'unixepoch'), d.channel, d.recipient, d.attempts, d.error, d.trigger, d.id
from deliveries d left join cards c on c.customer = d.customer
where d.state = 0 and d.error <> '';

-- What happened to whom, one row for each event: where customer = 'olga' order by seq, n.
create view timeline_events as
select t.customer, t.seq, e.key as n,
	datetime(e.value ->> 'at' / 1000000, 'unixepoch') as at,
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
