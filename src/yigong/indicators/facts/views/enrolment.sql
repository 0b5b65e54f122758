select e.id, m.month::timestamp at time zone 'Asia/Shanghai' as at, m.month, e.institution_id, e.programme::text as programme,
  coalesce(v.first < m.following, false) as seen_this_year,
  e.programme in ('hypertension', 'diabetes', 'copd') and coalesce(s.first < m.following::timestamp at time zone 'Asia/Shanghai', false) as admitted_this_year
from programmes_enrolment e
join (
  select g::date as month, (g + interval '1 month')::date as following, date_trunc('year', g)::date as year
  from generate_series(
    date_trunc('year', now() at time zone 'Asia/Shanghai') - interval '1 year', now() at time zone 'Asia/Shanghai', interval '1 month') g
) m on e.started_on < m.following and (e.ended_on is null or e.ended_on >= m.following)
left join (
  select enrolment_id, date_trunc('year', "on"::timestamp)::date as year, min("on") as first
  from programmes_visit where void_reason = '' group by 1, 2
) v on v.enrolment_id = e.id and v.year = m.year
left join (
  select resident_id, date_trunc('year', ended_at at time zone 'Asia/Shanghai')::date as year, min(ended_at) as first
  from records_encounter where kind = 'inpatient' and status = 'finished' group by 1, 2
) s on s.resident_id = e.resident_id and s.year = m.year
