"""Visits that may not have taken place, by the screening definition. A hit is a reason to look, never a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from yigong.core import statements
from yigong.core.packs import api as packs
from yigong.programmes.rules.packs import SCREENING, Screen, Screening
from yigong.records import api as records


@dataclass(frozen=True, slots=True)
class Hit:
    """One reason to look: ``visit_id`` the newest visit concerned, ``text`` what was seen."""

    screen: str
    title: str
    visit_id: UUID | None
    resident_id: UUID | None
    staff_id: UUID | None
    institution_id: UUID
    on: date
    text: str


def definition() -> Screening:
    """The screening in force."""
    return packs.current(SCREENING, "visit-screening")


def hits(since: date, until: date, places: set[UUID] | None, *, only: str = "", limit: int = 500) -> list[Hit]:
    """What the screens (or one of them) find among the visits between two days, at most ``limit`` of each."""
    screens = [screen for screen in definition().screens if not only or screen.code == only]
    values: dict[str, Any] = {
        "since": since,
        "until": until,
        "places": list(places or ()),
        "everywhere": places is None,
        "limit": limit,
    }
    found: list[Hit] = []
    if any(screen.kind == "admitted" for screen in screens):
        stays = [(who, begin, end) for who, begin, end, _place in records.stays_between(since, until)]
        values |= {"people": [s[0] for s in stays], "begun": [s[1] for s in stays], "ended": [s[2] for s in stays]}
    for screen in screens:
        sql = _SQL[screen.kind]
        more = {
            "times": screen.times, "minutes": screen.minutes, "percent": screen.percent, "item": screen.items[0] if screen.items else "",
            "other": screen.items[1] if len(screen.items) > 1 else screen.items[0] if screen.items else "",
        }  # fmt: skip
        used = {k: v for k, v in (values | more).items() if f"%({k})s" in sql}
        found += [_hit(screen, row) for row in statements.fetch(sql, used)]
    return found


def _hit(screen: Screen, row: Sequence[Any]) -> Hit:
    visit, resident, staff, place, on, text = row
    return Hit(screen.code, screen.title, visit, resident, staff, place, on, text)


_IN = """
v.void_reason = '' and v.on between %(since)s::date and %(until)s::date and (%(everywhere)s or v.institution_id = any(%(places)s::uuid[]))
"""
# Values of the visits stand in their kept facts; a run is as long as the readings stay the same. Follow-ups are three months apart: a run that ends in the
# span is looked at from up to a year before.
_REPEATED = """
with read as (
    select v.id, v.enrolment_id, v.staff_id, v.institution_id, v.on,
        concat_ws('/', v.facts ->> %(item)s, nullif(v.facts ->> %(other)s, v.facts ->> %(item)s)) as value,
        row_number() over (partition by v.enrolment_id order by v.on, v.recorded_at) as n
    from programmes_visit v
    where v.void_reason = '' and v.on between %(since)s::date - 366 and %(until)s::date and v.facts ? %(item)s
        and (%(everywhere)s or v.institution_id = any(%(places)s::uuid[]))
), runs as (
    select *, n - row_number() over (partition by enrolment_id, value order by n) as run from read
)
select (array_agg(r.id order by r.on desc))[1], (array_agg(e.resident_id))[1], (array_agg(r.staff_id order by r.on desc))[1],
    (array_agg(r.institution_id order by r.on desc))[1], max(r.on), count(*) || ' × ' || r.value
from runs r join programmes_enrolment e on e.id = r.enrolment_id
group by r.enrolment_id, r.value, r.run having count(*) >= %(times)s and max(r.on) >= %(since)s::date order by count(*) desc limit %(limit)s
"""
# A check-up that several programmes share is one: its visits have one answer.
_CROWDED = f"""
select null::uuid, null::uuid, v.staff_id, (array_agg(v.institution_id))[1], v.on, count(distinct v.response_id)::text
from programmes_visit v where {_IN} and v.way <> '3' and v.staff_id is not null
group by v.staff_id, v.on having count(distinct v.response_id) > %(times)s order by count(distinct v.response_id) desc limit %(limit)s
"""
_BURST = f"""
with one as (
    select distinct on (v.response_id) v.id, v.staff_id, v.institution_id, v.on, v.recorded_at
    from programmes_visit v where {_IN} and v.staff_id is not null and v.batch is null order by v.response_id, v.id
), many as (
    select v.id, v.staff_id, v.institution_id, v.on, v.recorded_at, count(*) over (
        partition by v.staff_id order by v.recorded_at range between (%(minutes)s * interval '1 minute') preceding and current row) as n
    from one v
)
select (array_agg(m.id order by m.n desc))[1], null::uuid, m.staff_id, (array_agg(m.institution_id))[1], max(m.on), max(m.n)::text
from many m where m.n >= %(times)s group by m.staff_id, date_trunc('day', m.recorded_at) order by max(m.n) desc limit %(limit)s
"""
_NIGHT = f"""
select v.id, e.resident_id, v.staff_id, v.institution_id, v.on, to_char(v.recorded_at at time zone 'Asia/Shanghai', 'MM-DD HH24:MI')
from programmes_visit v join programmes_enrolment e on e.id = v.enrolment_id
where {_IN} and v.way = '2' and extract(hour from v.recorded_at at time zone 'Asia/Shanghai') not between 6 and 21
order by v.recorded_at desc limit %(limit)s
"""
# The days of admission and discharge themselves say nothing: somebody may be seen before and after.
_ADMITTED = f"""
select distinct on (v.id) v.id, e.resident_id, v.staff_id, v.institution_id, v.on,
    to_char(s.begun at time zone 'Asia/Shanghai', 'MM-DD') || ' – ' || coalesce(to_char(s.ended at time zone 'Asia/Shanghai', 'MM-DD'), '')
from unnest(%(people)s::uuid[], %(begun)s::timestamptz[], %(ended)s::timestamptz[]) as s (person, begun, ended)
join programmes_enrolment e on e.resident_id = s.person join programmes_visit v on v.enrolment_id = e.id
where {_IN} and v.way <> '3' and v.on > (s.begun at time zone 'Asia/Shanghai')::date
    and (s.ended is null or v.on < (s.ended at time zone 'Asia/Shanghai')::date)
order by v.id limit %(limit)s
"""
_TAIL = f"""
select null::uuid, null::uuid, v.staff_id, (array_agg(v.institution_id))[1], max(v.on),
    round(100.0 * count(*) filter (where (v.facts ->> %(item)s)::numeric %% 5 = 0) / count(*)) || '%% / ' || count(*)
from programmes_visit v where {_IN} and v.staff_id is not null and v.facts ? %(item)s
group by v.staff_id
having count(*) >= %(times)s and 100.0 * count(*) filter (where (v.facts ->> %(item)s)::numeric %% 5 = 0) / count(*) > %(percent)s
order by count(*) desc limit %(limit)s
"""
_SQL = {
    "repeated": _REPEATED,
    "crowded": _CROWDED,
    "burst": _BURST,
    "night": _NIGHT,
    "admitted": _ADMITTED,
    "tail": _TAIL,
}
