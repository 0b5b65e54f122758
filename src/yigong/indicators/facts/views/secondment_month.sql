with months as (
  select g::date as month, (g + interval '1 month')::date as following
  from generate_series(
    date_trunc('year', now() at time zone 'Asia/Shanghai') - interval '1 year', now() at time zone 'Asia/Shanghai', interval '1 month') g
), seen as materialized (
  select e.staff_id, e.institution_id, date_trunc('month', e.occurred_at at time zone 'Asia/Shanghai')::date as month, count(*) as visits
  from records_encounter e
  where e.staff_id in (select staff_id from network_secondment) and e.kind in ('outpatient', 'emergency', 'home', 'remote')
    and not e.is_automatic and e.status <> 'cancelled'
  group by 1, 2, 3
)
select s.id, m.month::timestamp at time zone 'Asia/Shanghai' as at, m.month, s.institution_id, s.form::text as form, coalesce(v.visits, 0)::bigint as visits
from network_secondment s
join months m on s.starts_on < m.following and (s.ends_on is null or s.ends_on >= m.following)
left join seen v on v.staff_id = s.staff_id and v.institution_id = s.institution_id and v.month = m.month
where s.form in ('stationed', 'support')
