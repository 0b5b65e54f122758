select o.id, o.requested_at as at, date_trunc('month', o.requested_at at time zone 'Asia/Shanghai')::date as month,
  o.requesting_institution_id as institution_id, o.performing_institution_id as centre_id, o.number::text as number,
  o.priority::text as priority, o.reported_at is not null as concluded,
  coalesce(greatest(0, ceil(extract(epoch from o.reported_at - o.requested_at) / 60)), 0)::bigint as minutes
from consultation_consultation c
join orders_order o on o.id = c.order_id
where o.state <> 'cancelled'
