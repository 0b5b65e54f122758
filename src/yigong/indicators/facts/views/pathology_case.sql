select o.id, c.registered_at as at, date_trunc('month', c.registered_at at time zone 'Asia/Shanghai')::date as month,
  o.requesting_institution_id as institution_id, o.performing_institution_id as centre_id, o.number::text as number,
  coalesce(g.kind, '')::text as specimen, p.at is not null as reported,
  (select count(*) from generate_series(
     (o.uploaded_at at time zone 'Asia/Shanghai')::date + 1, (p.at at time zone 'Asia/Shanghai')::date, interval '1 day') d
   where extract(isodow from d) < 6)::bigint as working_days,
  f.at is not null as told, coalesce(ceil(extract(epoch from f.at - o.uploaded_at) / 60), 0)::bigint as minutes
from pathology_case c
join orders_order o on o.id = c.order_id
left join lateral (select i."group" as kind from orders_orderitem i where i.order_id = o.id order by i.position limit 1) g on true
left join lateral (
  select min(v.signed_at) as at from orders_reportversion v join orders_report r on r.id = v.report_id where r.order_id = o.id and v.kind = 'final'
) p on true
left join lateral (
  select min(v.signed_at) as at from orders_reportversion v join orders_report r on r.id = v.report_id
  where r.order_id = o.id and v.kind in ('preliminary', 'final')
) f on true
