select t.id, coalesce(t.received_at, t.ended_at) as at,
  date_trunc('month', coalesce(t.received_at, t.ended_at) at time zone 'Asia/Shanghai')::date as month,
  t.collector_id as institution_id, t.centre_id, t.specimen::text as specimen, t.state = 'rejected' as rejected
from laboratory_tube t
where t.received_at is not null or (t.state = 'rejected' and t.ended_at is not null)
