select i.id, i.at, i.month, i.institution_id, i.category like 'B1%' or i.category like 'C%' as service_due,
  coalesce(s.level, '')::text as service_level, coalesce(s.level in ('basic', 'recommended', 'community_hospital'), false) as service_met,
  coalesce(c.level = 'met', false) as clinic_met
from fact_institution i
left join lateral (
  select a.level from network_accreditation a
  where a.institution_id = i.institution_id and a.kind = 'service' and a.withdrawn_at is null and a.starts_on < (i.month + interval '1 month')::date
    and (a.ends_on is null or a.ends_on >= (i.month + interval '1 month')::date)
  order by a.starts_on desc, a.recorded_at desc, a.id desc limit 1
) s on true
left join lateral (
  select a.level from network_accreditation a
  where a.institution_id = i.institution_id and a.kind = 'clinic' and a.withdrawn_at is null and a.starts_on < (i.month + interval '1 month')::date
    and (a.ends_on is null or a.ends_on >= (i.month + interval '1 month')::date)
  order by a.starts_on desc, a.recorded_at desc, a.id desc limit 1
) c on true
