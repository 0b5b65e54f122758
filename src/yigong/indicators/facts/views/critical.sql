select c.id, c.found_at as at, date_trunc('month', c.found_at at time zone 'Asia/Shanghai')::date as month,
  o.requesting_institution_id as institution_id, o.reporting_institution_id, o.service::text as service, c.notified_at is not null as notified,
  coalesce(greatest(0, floor(extract(epoch from c.notified_at - c.found_at) / 60)), 0)::bigint as notify_minutes,
  c.acknowledged_at is not null as acknowledged
from orders_criticalvalue c
join orders_order o on o.id = c.order_id
