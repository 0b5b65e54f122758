select i.id, m.month::timestamp at time zone 'Asia/Shanghai' as at, m.month, i.id as institution_id,
  i.level::text as level, i.category::text as category,
  i.category like 'B%' or i.category like 'C%' or i.category like 'D600%' as primary_care_p1,
  i.category like 'B%' or i.category like 'C%' or i.category like 'D600%' or substr(i.category, 1, 2) in ('D1', 'D2', 'D3', 'D4') as primary_care_p2,
  coalesce((select c.counts from network_countycounting c
            where c.institution_id = i.id and c.starts_on <= m.last and (c.ends_on is null or c.ends_on > m.last)),
           i.level not in ('outside', 'authority')) as in_county,
  i.ownership = 'public' as is_public,
  i.level = 'township' as is_township,
  i.level = 'village' as is_village,
  i.level = 'county' as is_county_hospital,
  substr(i.category, 1, 2) = 'A2' as is_chinese_medicine,
  coalesce(a.lead, false) as is_lead,
  a.alliance_id as community_id,
  case when i.level = 'township' then i.id when i.level = 'village' then i.parent_id end as township_id
from network_institution i
cross join lateral (
  select g::date as month, (g + interval '1 month')::date - 1 as last
  from generate_series(date_trunc('year', now() at time zone 'Asia/Shanghai') - interval '2 years', now() at time zone 'Asia/Shanghai', interval '1 month') g
  where (i.closed_on is null or i.closed_on > g::date) and (i.opened_on is null or i.opened_on < (g + interval '1 month')::date)
) m
left join lateral (
  select p.alliance_id, p.role = 'lead' as lead from network_membership p
  where p.kind = 'community' and p.institution_id = case when i.level = 'village' then coalesce(i.parent_id, i.id) else i.id end
    and p.starts_on <= m.last and (p.ends_on is null or p.ends_on > m.last)
  limit 1
) a on true
where i.level <> 'authority'
