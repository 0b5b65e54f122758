select e.id, m.month::timestamp at time zone 'Asia/Shanghai' as at, m.month, e.institution_id, e.programme::text as programme,
  coalesce(v.visits, 0) > 0 as seen_this_year,
  coalesce(v.visits, 0)::bigint as visits_this_year,
  case when e.programme in ('hypertension', 'diabetes', 'copd') then exists (
    select 1 from records_encounter s
    where s.resident_id = e.resident_id and s.kind = 'inpatient' and s.status = 'finished'
      and s.ended_at >= date_trunc('year', m.month::timestamp) at time zone 'Asia/Shanghai'
      and s.ended_at < (m.month + interval '1 month') at time zone 'Asia/Shanghai'
  ) else false end as admitted_this_year
from programmes_enrolment e
cross join lateral (
  select g::date as month from generate_series(
    greatest(date_trunc('month', e.started_on::timestamp), date_trunc('year', now() at time zone 'Asia/Shanghai') - interval '1 year'),
    now() at time zone 'Asia/Shanghai', interval '1 month') g
  where e.ended_on is null or e.ended_on >= (g + interval '1 month')::date
) m
left join lateral (
  select count(*) as visits from programmes_visit v
  where v.enrolment_id = e.id and v.void_reason = ''
    and v.on >= date_trunc('year', m.month::timestamp)::date and v.on < (m.month + interval '1 month')::date
) v on true
