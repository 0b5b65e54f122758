"""Sets of people for one statement of another room: who has a diagnosis, a value, an admission. ``person`` is today's key after merges."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from yigong.core import statements
from yigong.core.clock import SHANGHAI
from yigong.records.models import Condition, Encounter, Result

# A merge into a person who was merged on is followed by the caller (`residents.resolve`); one step covers all but those.
_PERSON = Coalesce("resident__merged_into_id", "resident_id")


def with_condition(codes: Collection[str]) -> QuerySet:
    """Standing diagnoses by the beginnings of their codes."""
    begins = reduce(or_, (Q(code__startswith=code) for code in codes))
    rows = Condition.objects.filter(begins, status=Condition.Status.ACTIVE)
    return rows.annotate(person=_PERSON).values_list("person", "code").distinct()


def newest_values(code: str, since: date) -> QuerySet:
    """Everybody's newest number of one code."""
    begin = datetime.combine(since, time(), SHANGHAI)
    rows = Result.objects.filter(code=code, occurred_at__gte=begin, value__isnull=False)
    return rows.order_by("resident_id", "-occurred_at").distinct("resident_id").values_list("resident_id", "value")


def admitted_since(day: date) -> QuerySet:
    """Admissions that ended since a day, the latest of each person."""
    begin = datetime.combine(day, time(), SHANGHAI)
    rows = Encounter.objects.filter(kind="inpatient", status="finished", ended_at__gte=begin)
    return (
        rows.annotate(person=_PERSON)
        .order_by("person", "-ended_at")
        .distinct("person")
        .values_list("person", "ended_at")
    )


def stays_between(since: date, until: date) -> QuerySet:
    """Admissions that touch the days from ``since`` to ``until``."""
    begin, end = (datetime.combine(day, time(), SHANGHAI) for day in (since, until + timedelta(days=1)))
    rows = Encounter.objects.filter(kind="inpatient", occurred_at__lt=end).exclude(status="cancelled")
    rows = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=begin))
    return rows.annotate(person=_PERSON).values_list("person", "occurred_at", "ended_at", "institution_id")


_BY_DAY = """
select e.institution_id, (e.occurred_at at time zone 'Asia/Shanghai')::date, count(distinct e.id),
    count(distinct e.id) filter (where c.code like any(%(codes)s::text[]))
from records_encounter e left join records_condition c on c.encounter_id = e.id and c.status <> 'wrong'
where e.occurred_at >= %(begin)s and e.occurred_at < %(end)s and e.status <> 'cancelled' and e.kind in ('outpatient', 'emergency', 'inpatient', 'home', 'remote')
group by 1, 2
"""


def contacts_by_day(codes: Collection[str], since: date, until: date) -> list[tuple[UUID, date, int, int]]:
    """(institution, day, contacts with the sick, those with a diagnosis that begins with one of the codes) of the days from ``since`` to ``until``;
    no row where there was no contact."""
    begin, end = (datetime.combine(day, time(), SHANGHAI) for day in (since, until + timedelta(days=1)))
    patterns = [statements.literal(code) + "%" for code in codes]
    return [(p, d, n, c) for p, d, n, c in statements.fetch(_BY_DAY, {"codes": patterns, "begin": begin, "end": end})]


_CASES = """
select distinct on (e.id) e.id, e.resident_id, e.occurred_at, e.kind, c.code, c.text
from records_encounter e join records_condition c on c.encounter_id = e.id and c.status <> 'wrong' and c.code like any(%(codes)s::text[])
where e.institution_id = %(place)s and e.occurred_at >= %(begin)s and e.occurred_at < %(end)s and e.status <> 'cancelled'
    and e.kind in ('outpatient', 'emergency', 'inpatient', 'home', 'remote')
order by e.id, c.code
"""


def cases_of(
    codes: Collection[str], institution_id: UUID, day: date
) -> list[tuple[UUID, UUID, datetime, str, str, str]]:
    """(encounter, resident, time, kind, code, diagnosis) of an institution's contacts of a day with a diagnosis that begins with one of the codes:
    those that ``contacts_by_day`` counts as cases, in the order of the day."""
    begin, end = (datetime.combine(one, time(), SHANGHAI) for one in (day, day + timedelta(days=1)))
    patterns = [statements.literal(code) + "%" for code in codes]
    rows = statements.fetch(_CASES, {"codes": patterns, "place": institution_id, "begin": begin, "end": end})
    return sorted(
        ((e, r, at, kind, code, text) for e, r, at, kind, code, text in rows), key=lambda row: (row[2], row[0])
    )


def contacts_between(since: date, until: date, resident_ids: Collection[UUID] | None = None) -> QuerySet:
    """How many contacts that are over each person had on the days from ``since`` to ``until``."""
    begin, end = (datetime.combine(day, time(), SHANGHAI) for day in (since, until + timedelta(days=1)))
    rows = Encounter.objects.filter(occurred_at__gte=begin, occurred_at__lt=end, status="finished", is_automatic=False)
    if resident_ids is not None:
        rows = rows.filter(resident_id__in=resident_ids)
    return rows.annotate(person=_PERSON).values("person").annotate(n=Count("id")).order_by().values_list("person", "n")


def encounters_between(resident_ids: Collection[UUID], since: date, until: date) -> QuerySet:
    """Contacts that ended between two days, as rows for counting."""
    begin, end = (datetime.combine(day, time(), SHANGHAI) for day in (since, until))
    rows = Encounter.objects.filter(
        resident_id__in=resident_ids, occurred_at__gte=begin, occurred_at__lt=end, status="finished", is_automatic=False
    )
    return rows.values_list("id", "resident_id", "kind", "occurred_at", "institution_id", "staff_id")
