select v.id, (v.on::timestamp at time zone 'Asia/Shanghai') as at, date_trunc('month', v.on::timestamp)::date as month,
  v.institution_id, e.programme::text as programme, v.stage::text as stage, v.grade::text as grade, v.way in ('1', '2') as face_to_face,
  v.entered_late
from programmes_visit v
join programmes_enrolment e on e.id = v.enrolment_id
where v.void_reason = ''
