with change as (
  select s.team_id, date_trunc('month', s.starts_on::timestamp)::date as month, count(*) as delta
  from contracts_stint s join contracts_contract c on c.id = s.contract_id where c.state in ('valid', 'ended', 'expired') group by 1, 2
  union all
  select s.team_id, date_trunc('month', s.ends_on::timestamp)::date, -count(*)
  from contracts_stint s join contracts_contract c on c.id = s.contract_id where c.state in ('valid', 'ended', 'expired') group by 1, 2
)
select t.id, m.month::timestamp at time zone 'Asia/Shanghai' as at, m.month, t.institution_id, coalesce(sum(c.delta), 0)::bigint as people
from contracts_team t
join (
  select g::date as month, (g + interval '1 month')::date as following
  from generate_series(
    date_trunc('year', now() at time zone 'Asia/Shanghai') - interval '1 year', now() at time zone 'Asia/Shanghai', interval '1 month') g
) m on t.started_on < m.following and (t.ended_on is null or t.ended_on >= m.following)
left join change c on c.team_id = t.id and c.month <= m.month
group by t.id, m.month, t.institution_id
