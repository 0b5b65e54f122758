select e.id, e.occurred_at as at,
  date_trunc('month', e.occurred_at at time zone 'Asia/Shanghai')::date as month,
  e.institution_id, e.kind::text as kind, coalesce(d.specialty like '50%', false) as chinese_medicine
from records_encounter e
left join network_department d on d.id = e.department_id
where e.kind in ('outpatient', 'emergency', 'home', 'remote') and not e.is_automatic and e.status <> 'cancelled'
