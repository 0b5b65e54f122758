select r.id, r.at,
  date_trunc('month', r.at at time zone 'Asia/Shanghai')::date as month,
  r.receiver_id as institution_id, r.giver_id, r.service::text as service, r.item_name::text as item,
  r.decision = 'recognised' as recognised,
  exists (select 1 from orders_repeatfinding f where f.recognition_id = r.id) as repeated,
  coalesce(r.price, 0)::bigint as price
from orders_recognition r
where r.withdrawn_at is null
