with change as materialized (
  select date_trunc('month', c.starts_on::timestamp)::date as month, c.insurance::text as scheme, r.managing_institution_id as institution_id, count(*) as delta
  from coverage_enrolment c left join residents_resident r on r.id = c.resident_id group by 1, 2, 3
  union all
  select date_trunc('month', c.ends_on::timestamp)::date, c.insurance::text, r.managing_institution_id, -count(*)
  from coverage_enrolment c left join residents_resident r on r.id = c.resident_id where c.ends_on is not null group by 1, 2, 3
)
select md5(concat_ws(' ', m.month, c.scheme, c.institution_id))::uuid as id, m.month::timestamp at time zone 'Asia/Shanghai' as at, m.month,
  c.institution_id, c.scheme, sum(c.delta)::bigint as people
from generate_series(date_trunc('year', now() at time zone 'Asia/Shanghai') - interval '1 year', now() at time zone 'Asia/Shanghai', interval '1 month') g
cross join lateral (select g::date as month) m
join change c on c.month <= m.month
group by m.month, c.scheme, c.institution_id
having sum(c.delta) > 0
