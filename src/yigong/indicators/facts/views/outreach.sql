select r.id, (r."on"::timestamp at time zone 'Asia/Shanghai') as at, date_trunc('month', r."on"::timestamp)::date as month, r.institution_id,
  r.programme::text as programme, r.activity::text as activity, r.thing::text as thing, coalesce(r.reach, 0)::bigint as people,
  case when a.answers->>'copies' ~ '^\d{1,9}$' then (a.answers->>'copies')::bigint else 0 end as copies
from programmes_siterecord r
left join forms_formresponse a on a.id = r.response_id
where r.void_reason = ''
