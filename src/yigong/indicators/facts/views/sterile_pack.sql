select r.id, r.issued_at as at, date_trunc('month', r.issued_at at time zone 'Asia/Shanghai')::date as month,
  p.centre_id as institution_id, r.destination_id, r.label::text as label, coalesce(s.steps, 0)::bigint as steps, coalesce(s.steps, 0) >= 8 as traced
from sterile_round r
join sterile_pack p on p.id = r.pack_id
left join lateral (
  select count(distinct x.action) as steps from sterile_scan x
  where x.round_id = r.id and x.action in ('sort', 'clean', 'disinfect', 'inspect', 'pack', 'load', 'store', 'issue')
) s on true
where r.issued_at is not null
