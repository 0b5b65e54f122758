select l.id, l.finished_at as at, date_trunc('month', l.finished_at at time zone 'Asia/Shanghai')::date as month, l.centre_id as institution_id,
  l.number::text as number, l.programme_label::text as programme, l.state in ('released', 'early') as passed
from sterile_load l
where l.kind = 'sterilise' and l.finished_at is not null and l.state in ('released', 'early', 'rejected', 'recalled')
