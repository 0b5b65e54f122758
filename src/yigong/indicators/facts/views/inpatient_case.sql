select c.id, (case when date_trunc('month', c.discharged_on::timestamp)::date = c.month then c.discharged_on else c.month end)::timestamp at time zone 'Asia/Shanghai' as at, c.month, c.institution_id,
  c.scheme::text as scheme, c.insured_here, c."group" <> '' as grouped, c.days::bigint as days, c.cost, c.pool, c.died
from budget_fundcase c
