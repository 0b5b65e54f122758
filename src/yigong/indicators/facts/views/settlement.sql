select f.id, (case when date_trunc('month', f.settled_on::timestamp)::date = f.month then f.settled_on else f.month end)::timestamp at time zone 'Asia/Shanghai' as at, f.month, f.institution_id, f.home_id,
  f.scheme::text as scheme, f.kind::text as kind, f.place = 'inside' as inside, f.kind = 'inpatient' as inpatient,
  f.provisional, f.cases::bigint as cases, f.total, f.pool, f.pool + f.other_funds as funds, f.person
from budget_fundfact f
