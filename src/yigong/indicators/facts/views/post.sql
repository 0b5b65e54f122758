select p.id, m.month::timestamp at time zone 'Asia/Shanghai' as at, m.month, p.institution_id, p.role::text as role,
  coalesce(q.licensed, false) as licensed, coalesce(q.general_practitioner, false) as general_practitioner,
  row_number() over (partition by p.staff_id, m.month, p.role order by p.starts_on, p.id) > 1 as again_in_role,
  row_number() over (partition by p.staff_id, m.month order by p.starts_on, p.id) > 1 as again
from network_post p
join (
  select g::date as month, (g + interval '1 month')::date as following
  from generate_series(
    date_trunc('year', now() at time zone 'Asia/Shanghai') - interval '1 year', now() at time zone 'Asia/Shanghai', interval '1 month') g
) m on p.starts_on < m.following and (p.ends_on is null or p.ends_on >= m.following)
left join lateral (
  select bool_or(l.practice_level in ('1', '2')) as licensed, bool_or(l.practice_level in ('1', '2') and l.scope like '%全科医学%') as general_practitioner
  from network_qualification l
  where l.staff_id = p.staff_id and l.kind = 'practice' and (l.issued_on is null or l.issued_on < m.following)
    and (l.expires_on is null or l.expires_on >= m.following)
) q on true
