select s.id, s.planned_at as at, date_trunc('month', s.planned_at at time zone 'Asia/Shanghai')::date as month, s.institution_id,
  r.base_id, r.number::text as number, s.arrived_at is not null as reached,
  coalesce(floor(extract(epoch from s.arrived_at - s.planned_at) / 60), 0)::bigint as minutes_late
from logistics_runstop s
join logistics_run r on r.id = s.run_id
where r.state in ('under_way', 'done') and (s.arrived_at is not null or s.skipped <> '')
