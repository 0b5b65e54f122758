select r.id, r.submitted_at as at,
  date_trunc('month', r.submitted_at at time zone 'Asia/Shanghai')::date as month,
  r.from_institution_id as institution_id, r.to_institution_id, r.number::text as number,
  r.direction::text as direction, r.urgency::text as urgency,
  r.answered_at is not null as answered,
  coalesce(greatest(0, floor(extract(epoch from r.answered_at - r.submitted_at) / 60)), 0)::bigint as answer_minutes,
  r.arrived_at is not null as arrived,
  r.first_contact_at is not null as first_visit_done,
  case when r.direction = 'down' then r.first_contact_at is not null else r.feedback_at is not null end as complete
from referrals_referral r
where r.submitted_at is not null and not (r.state = 'cancelled' and r.answered_at is null)
