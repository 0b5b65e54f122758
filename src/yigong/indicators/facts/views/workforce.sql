with months as (
  select g::date as month, (g + interval '1 month')::date as following
  from generate_series(
    date_trunc('year', now() at time zone 'Asia/Shanghai') - interval '1 year', now() at time zone 'Asia/Shanghai', interval '1 month') g
), registered as materialized (
  select managing_institution_id as institution_id, case when status <> 'active' then closed_on end as closed_on, count(*) as people
  from residents_resident
  where not is_test and (status = 'active' or (status in ('deceased', 'moved', 'cancelled') and closed_on is not null)) group by 1, 2
)
select md5(concat_ws(' ', f.month, f.institution_id))::uuid as id, f.month::timestamp at time zone 'Asia/Shanghai' as at, f.month, f.institution_id,
  sum(f.people)::bigint as people, sum(f.general_practitioners)::bigint as general_practitioners
from (
  select m.month, r.institution_id, sum(r.people) as people, 0 as general_practitioners
  from months m join registered r on r.closed_on is null or r.closed_on >= m.following group by 1, 2
  union all
  select p.month, p.institution_id, 0, count(*) from fact_post p where p.general_practitioner and not p.again group by 1, 2
) f
group by f.month, f.institution_id
