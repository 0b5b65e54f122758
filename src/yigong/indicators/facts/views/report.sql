select o.id, o.reported_at as at,
  date_trunc('month', o.reported_at at time zone 'Asia/Shanghai')::date as month,
  o.requesting_institution_id as institution_id, o.reporting_institution_id, o.number::text as number, o.service::text as service,
  o.requesting_institution_id <> o.reporting_institution_id as by_centre,
  greatest(0, floor(extract(epoch from o.reported_at - coalesce(o.uploaded_at, o.performed_at, o.requested_at)) / 60))::bigint as minutes
from orders_order o
where o.reported_at is not null
