select l.id, l.performed_at as at, date_trunc('month', l.performed_at at time zone 'Asia/Shanghai')::date as month,
  b.institution_id, b.kind = 'inpatient' as inpatient, l.category::text as category, l.amount
from clinic_chargeline l
join clinic_bill b on b.id = l.bill_id
where l.struck_at is null
union all
select p.id, p.performed_at, date_trunc('month', p.performed_at at time zone 'Asia/Shanghai')::date,
  p.institution_id, p.is_inpatient, p.category::text, p.amount
from clinic_pastcharge p
