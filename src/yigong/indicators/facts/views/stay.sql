select e.id, e.ended_at as at,
  date_trunc('month', e.ended_at at time zone 'Asia/Shanghai')::date as month,
  e.institution_id,
  greatest(1, (e.ended_at at time zone 'Asia/Shanghai')::date - (e.occurred_at at time zone 'Asia/Shanghai')::date)::bigint as days,
  coalesce(s.way_out = '5', false) as died,
  f.id is not null as has_front_page,
  coalesce(o.operations, 0)::bigint as operations,
  coalesce(o.level_3_4, 0)::bigint as operations_level_3_4,
  coalesce(o.level_4, 0)::bigint as operations_level_4,
  exists (
    select 1 from referrals_referral r
    where r.resident_id = e.resident_id and r.from_institution_id = e.institution_id and r.direction = 'down'
      and r.submitted_at between e.occurred_at and e.ended_at + interval '7 days'
  ) as referred_down,
  d.at is not null as summary_sent,
  coalesce(d.at <= e.ended_at + interval '24 hours', false) as summary_in_a_day
from records_encounter e
left join clinic_stay s on s.encounter_id = e.id
left join clinic_frontpage f on f.stay_id = s.id
left join lateral (
  select count(*) as operations, count(*) filter (where p.level in ('3', '4')) as level_3_4, count(*) filter (where p.level = '4') as level_4
  from clinic_frontpageprocedure p where p.front_page_id = f.id and p.level <> ''
) o on true
left join lateral (
  select min(coalesce(x.finalised_at, x.recorded_at)) as at from records_document x
  where x.encounter_id = e.id and x.kind = 'discharge_summary' and x.status in ('final', 'superseded')
) d on true
where e.kind = 'inpatient' and e.status = 'finished' and e.ended_at is not null
