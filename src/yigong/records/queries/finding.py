"""Sets of people for one statement of another room: who has a diagnosis, a value, an admission. ``person`` is today's key after merges."""

from collections.abc import Collection
from datetime import date, datetime, time
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

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


def encounters_between(resident_ids: Collection[UUID], since: date, until: date) -> QuerySet:
    """Contacts that ended between two days, as rows for counting."""
    begin, end = (datetime.combine(day, time(), SHANGHAI) for day in (since, until))
    rows = Encounter.objects.filter(
        resident_id__in=resident_ids, occurred_at__gte=begin, occurred_at__lt=end, status="finished", is_automatic=False
    )
    return rows.values_list("id", "resident_id", "kind", "occurred_at", "institution_id", "staff_id")
