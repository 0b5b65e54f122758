with months as (
  select g::date as month, (g + interval '1 month')::date as following
  from generate_series(
    date_trunc('year', now() at time zone 'Asia/Shanghai') - interval '1 year', now() at time zone 'Asia/Shanghai', interval '1 month') g
)
select md5(concat_ws(' ', k.resident_id, k.month))::uuid as id, k.month::timestamp at time zone 'Asia/Shanghai' as at, k.month, k.institution_id,
  c.id is not null as signed
from (
  select distinct g.resident_id, m.month, m.following, r.managing_institution_id as institution_id
  from contracts_groupmember g
  join months m on g.since < m.following and (g.until is null or g.until >= m.following)
  join residents_resident r on r.id = g.resident_id and not r.is_test
    and (r.status = 'active' or (r.status in ('deceased', 'moved', 'cancelled') and r.closed_on >= m.following))
  where g."group" not in ('tuberculosis', 'mental_illness')
) k
left join contracts_contract c on c.resident_id = k.resident_id and c.state in ('valid', 'ended', 'expired')
  and c.starts_on < k.following and c.ends_on >= k.following
