select s.id, s.starts_on::timestamp at time zone 'Asia/Shanghai' as at, date_trunc('month', s.starts_on::timestamp)::date as month, s.institution_id,
  s.form::text as form, (coalesce(s.ends_on, (now() at time zone 'Asia/Shanghai')::date) - s.starts_on)::bigint as days
from network_secondment s
where s.form in ('stationed', 'support') and s.starts_on <= (now() at time zone 'Asia/Shanghai')::date and exists (
  select 1 from network_post p join network_institution h on h.id = p.institution_id
  where p.staff_id = s.staff_id and h.level = 'outside' and p.starts_on <= s.starts_on and (p.ends_on is null or p.ends_on > s.starts_on)
)
