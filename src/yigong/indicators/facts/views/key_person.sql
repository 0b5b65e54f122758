with months as (
  select g::date as month, (g + interval '1 month')::date as following
  from generate_series(
    date_trunc('year', now() at time zone 'Asia/Shanghai') - interval '1 year', now() at time zone 'Asia/Shanghai', interval '1 month') g
), member as materialized (
  -- The spans of all groups of a person put together, so that nobody is counted twice in a month.
  select g.resident_id, unnest(range_agg(daterange(g.since, g.until))) as span
  from contracts_groupmember g where g."group" not in ('tuberculosis', 'mental_illness') group by g.resident_id
)
select md5(concat_ws(' ', k.resident_id, m.month))::uuid as id, m.month::timestamp at time zone 'Asia/Shanghai' as at, m.month,
  r.managing_institution_id as institution_id, c.id is not null as signed
from member k
join residents_resident r on r.id = k.resident_id and not r.is_test
join months m on lower(k.span) < m.following and (upper_inf(k.span) or upper(k.span) >= m.following)
  and (r.status = 'active' or (r.status in ('deceased', 'moved', 'cancelled') and r.closed_on >= m.following))
left join contracts_contract c on c.resident_id = k.resident_id and c.state in ('valid', 'ended', 'expired')
  and c.starts_on < m.following and c.ends_on >= m.following
