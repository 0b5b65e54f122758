select c.id, m.month::timestamp at time zone 'Asia/Shanghai' as at, m.month, c.institution_id, c.kind::text as kind, c.name::text as name
from network_centre c
join (
  select g::date as month, (g + interval '1 month')::date as following
  from generate_series(
    date_trunc('year', now() at time zone 'Asia/Shanghai') - interval '1 year', now() at time zone 'Asia/Shanghai', interval '1 month') g
) m on c.starts_on < m.following and (c.ends_on is null or c.ends_on >= m.following)
