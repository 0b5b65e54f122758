select p.id, p.at, date_trunc('month', p.at at time zone 'Asia/Shanghai')::date as month, p.institution_id, p.number::text as number,
  p.fund::text as fund, p.state = 'owed' as owed, p.amount
from assistance_payment p
where p.state <> 'withdrawn'
