select s.id, ((s.starts_on + 183)::timestamp at time zone 'Asia/Shanghai') as at, date_trunc('month', (s.starts_on + 183)::timestamp)::date as month,
  s.institution_id, t.title in ('1', '2', '3') as intermediate_or_above, t.title = '' as title_unknown,
  exists (
    select 1 from network_post p join network_institution h on h.id = p.institution_id
    where p.staff_id = s.staff_id and h.level = 'county' and p.starts_on <= s.starts_on and (p.ends_on is null or p.ends_on > s.starts_on)
  ) as from_county_hospital
from network_secondment s
join network_staff t on t.id = s.staff_id
where s.form = 'stationed' and s.starts_on + 183 <= coalesce(s.ends_on, (now() at time zone 'Asia/Shanghai')::date)
