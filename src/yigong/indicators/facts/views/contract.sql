select c.id, (c.signed_on::timestamp at time zone 'Asia/Shanghai') as at, date_trunc('month', c.signed_on::timestamp)::date as month,
  c.institution_id, c.number::text as number, c.ends_on > (now() at time zone 'Asia/Shanghai')::date as in_force
from contracts_contract c
where c.signed_on is not null and c.state in ('valid', 'ended', 'expired')
