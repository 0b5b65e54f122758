select v.id, v.registered_at as at, date_trunc('month', v.registered_at at time zone 'Asia/Shanghai')::date as month, v.institution_id,
  v.number::text as number, v.manner::text as manner, floor(extract(epoch from v.called_at - v.registered_at) / 60)::bigint as minutes
from clinic_visit v
where v.called_at is not null and (v.called_at at time zone 'Asia/Shanghai')::date = v.registered_on
