select c.id, c.loaded_at as at, date_trunc('month', c.loaded_at at time zone 'Asia/Shanghai')::date as month, c.sender_id as institution_id,
  c.receiver_id, c.number::text as number, c.kind::text as goods, c.band::text as band,
  t.readings > 0 as measured, t.readings > 0 and t.outside = 0 as within_limits, c.state in ('received', 'damaged', 'lost') as over,
  c.state = 'received' and c.difference = '' as whole
from logistics_consignment c
cross join lateral (
  select count(*) as readings, count(*) filter (where not r.is_within) as outside from logistics_temperature r where r.consignment_id = c.id
) t
where c.loaded_at is not null and c.state <> 'withdrawn'
