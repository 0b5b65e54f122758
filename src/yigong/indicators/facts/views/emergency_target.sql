select t.id, c.opened_at as at, date_trunc('month', c.opened_at at time zone 'Asia/Shanghai')::date as month,
  c.destination_id as institution_id, c.centre_id, c.number::text as number, t.pathway::text as pathway, t.code::text as target, t.label::text as label,
  t.state in ('met', 'missed', 'unknown') as over, t.state = 'met' as met,
  coalesce(ceil(extract(epoch from t.stopped_at - t.started_at) / 60), 0)::bigint as minutes
from emergency_targetclock t
join emergency_case c on c.id = t.case_id
where t.pathway = c.pathway and t.state <> 'dropped' and c.state <> 'cancelled'
