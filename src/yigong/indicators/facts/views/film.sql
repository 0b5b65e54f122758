select d.order_id as id, d.recorded_at as at, date_trunc('month', d.recorded_at at time zone 'Asia/Shanghai')::date as month,
  o.performing_institution_id as institution_id, d.quality = 'A' as grade_a, d.quality = 'D' as waste
from imaging_imagingdetail d
join orders_order o on o.id = d.order_id
where d.quality <> ''
