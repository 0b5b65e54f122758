"""What fills a form in advance, and the header of a record."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from yigong.core import clock, statements
from yigong.core.once import once_a_page
from yigong.records.data import AllergyData, ConditionData, MedicineInUse, RecordSummary, ResultData
from yigong.records.models import Allergy, Condition, Document, Encounter, Prescription, Result
from yigong.records.queries import entries
from yigong.residents import api as residents

# How long a prescription without days, a diagnosis that is not lasting, and a result stay of interest.
_RECENT_MEDICINE = timedelta(days=90)
_RECENT_CONDITION = timedelta(days=90)
_RECENT_RESULT = timedelta(days=365)


def summary_of(resident_id: UUID, *, brief: bool = False) -> RecordSummary:
    """Conditions (lasting ones and recent ones), allergies, medicines in use, newest results, one small query each.

    ``brief`` leaves the last contact, results and documents out: the timeline shows them anyway.
    """
    keys = list(entries.keys_of(resident_id))
    now = clock.now()
    recent = statements.objects(Condition, _RECENT, {"keys": keys})
    conditions = [c for c in recent if c.is_lasting or c.occurred_at >= now - _RECENT_CONDITION]
    seen: set[str] = set()
    once = [c for c in conditions if not (c.text in seen or seen.add(c.text))]  # type: ignore[func-returns-value]
    medicines = statements.objects(Prescription, _IN_USE, {"keys": keys, "since": now - _RECENT_MEDICINE})
    last = None if brief else _last(keys)
    return RecordSummary(
        resident_id=resident_id,
        conditions=tuple(entries.condition_data(c) for c in once[:20]),
        allergies=_allergies(resident_id),
        medicines=tuple(entries.prescriptions(medicines)),
        results=() if brief else _newest(keys),
        last_encounter=entries.encounter_data(last) if last else None,
        documents=() if brief else tuple(entries.document_data(d) for d in _documents(keys)),
    )


_RECENT = """
where resident_id = any(%(keys)s) and status = 'active' order by is_lasting desc, is_primary desc, occurred_at desc limit 60
"""
_IN_USE = """
where resident_id = any(%(keys)s) and is_active and occurred_at >= %(since)s order by occurred_at desc limit 5
"""


def _last(keys: list[UUID]) -> Encounter | None:
    return Encounter.objects.filter(resident_id__in=keys).exclude(status="cancelled").order_by("-occurred_at").first()


def _documents(keys: list[UUID]) -> QuerySet[Document]:
    return Document.objects.filter(resident_id__in=keys, status="final").order_by("-occurred_at")[:5]


@once_a_page
def _allergies(resident_id: UUID) -> tuple[AllergyData, ...]:
    active = "where resident_id = any(%(keys)s) and is_active order by occurred_at desc"
    rows = statements.objects(Allergy, active, {"keys": list(entries.keys_of(resident_id))})
    return tuple(entries.allergy_data(a) for a in rows)


def _newest(keys: list[UUID]) -> tuple[ResultData, ...]:
    sql = (
        "select distinct on (code) id from records_result where resident_id = any(%s) and occurred_at >= %s "
        "order by code, occurred_at desc limit 40"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [keys, clock.now() - _RECENT_RESULT])
        ids = [key for (key,) in cursor.fetchall()]
    return tuple(entries.result_data(r) for r in Result.objects.filter(pk__in=ids).order_by("-occurred_at", "id"))


_LASTING = """
where resident_id = any(%(keys)s) and is_lasting and status = 'active' order by occurred_at desc limit 200
"""


def warnings_of(resident_id: UUID) -> tuple[list[AllergyData], list[ConditionData]]:
    """Active allergies and lasting conditions, each once, for the header of every page about the person."""
    lasting = statements.objects(Condition, _LASTING, {"keys": list(entries.keys_of(resident_id))})
    once = {c.text: c for c in reversed(lasting)}
    conditions = [entries.condition_data(c) for c in reversed(once.values())]
    return list(_allergies(resident_id)[:20]), conditions[:8]


# A short course is over with its last day; what is taken for longer stays in use for as long as a prescription without days does.
_COURSE, _AFTER = 14, 1
_TAKEN = """
with given as (
    select w.person, l.name, l.form, l.dose, l.route, l.frequency, l.days, p.occurred_at, p.institution_id, p.staff_id,
        min(p.occurred_at) over (partition by w.person, l.name) as since,
        row_number() over (partition by w.person, l.name order by p.occurred_at desc, l.id desc) as newest
    from unnest(%(keys)s::uuid[], %(people)s::uuid[]) as w (key, person)
    join records_prescription p on p.resident_id = w.key and p.is_active
    join records_prescriptionline l on l.prescription_id = p.id
)
select person, name, form, dose, route, frequency, days, occurred_at, institution_id, staff_id, since from given
where newest = 1 and occurred_at >= case
    when days < %(course)s::int then %(now)s::timestamptz - (days + %(after)s::int) * interval '1 day'
    else %(now)s::timestamptz - greatest(coalesce(days, 0), %(recent)s::int) * interval '1 day' end
order by person, since, name
"""


def medicines_of(resident_ids: Collection[UUID]) -> dict[UUID, list[MedicineInUse]]:
    """What these people take by their records, longest taken first, links followed: one statement for all."""
    of = residents.identities_of(resident_ids)
    values = {
        "keys": list(of), "people": list(of.values()), "now": clock.now(), "recent": _RECENT_MEDICINE.days, "course": _COURSE, "after": _AFTER,
    }  # fmt: skip
    found: dict[UUID, list[MedicineInUse]] = {}
    for person, name, form, dose, route, often, days, at, place, staff, since in statements.fetch(_TAKEN, values):
        last = at.astimezone(clock.SHANGHAI).date()
        text = " ".join(part for part in (form, dose, route, often) if part)
        until = last + timedelta(days=days) if days else None
        found.setdefault(person, []).append(
            MedicineInUse(name, text, since.astimezone(clock.SHANGHAI).date(), last, until, place, staff)
        )
    return found


def allergies_of(resident_ids: Collection[UUID]) -> dict[UUID, list[AllergyData]]:
    """The active allergies of these people, links followed: one statement for all."""
    of = residents.identities_of(resident_ids)
    active = "where resident_id = any(%(keys)s) and is_active order by occurred_at desc, id"
    found: dict[UUID, list[AllergyData]] = {}
    for row in statements.objects(Allergy, active, {"keys": list(of)}):
        found.setdefault(of[row.resident_id], []).append(entries.allergy_data(row))
    return found
