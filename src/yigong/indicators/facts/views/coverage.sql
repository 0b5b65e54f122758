with used as (
  select requesting_institution_id as institution_id, service,
    date_trunc('month', reported_at at time zone 'Asia/Shanghai')::date as month, count(*) as reports
  from orders_order
  where reported_at is not null and requesting_institution_id <> reporting_institution_id group by 1, 2, 3
)
select i.id, i.at, i.month, i.institution_id,
  coalesce(sum(u.reports) filter (where u.service = 'imaging'), 0)::bigint as imaging_reports_this_year,
  coalesce(sum(u.reports) filter (where u.service = 'ecg'), 0)::bigint as ecg_reports_this_year
from fact_institution i
left join used u on u.institution_id = i.institution_id and u.month <= i.month and u.month >= date_trunc('year', i.month::timestamp)::date
group by i.id, i.at, i.month, i.institution_id
