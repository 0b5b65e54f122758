"""What fills a form in advance, and the header of a record."""

from datetime import timedelta
from uuid import UUID

from django.db import connection

from yigong.core import clock
from yigong.records.data import AllergyData, ConditionData, RecordSummary, ResultData
from yigong.records.models import Allergy, Condition, Document, Encounter, Prescription, Result
from yigong.records.queries import entries

# How long a prescription without days, a diagnosis that is not lasting, and a result stay of interest.
_RECENT_MEDICINE = timedelta(days=90)
_RECENT_CONDITION = timedelta(days=90)
_RECENT_RESULT = timedelta(days=365)


def summary_of(resident_id: UUID) -> RecordSummary:
    """Conditions (lasting ones and recent ones), allergies, medicines in use, newest results; eight small queries."""
    keys = list(entries.keys_of(resident_id))
    now = clock.now()
    recent = Condition.objects.filter(resident_id__in=keys, status="active").order_by(
        "-is_lasting", "-is_primary", "-occurred_at"
    )[:60]
    conditions = [c for c in recent if c.is_lasting or c.occurred_at >= now - _RECENT_CONDITION]
    seen: set[str] = set()
    once = [c for c in conditions if not (c.text in seen or seen.add(c.text))]  # type: ignore[func-returns-value]
    allergies = Allergy.objects.filter(resident_id__in=keys, is_active=True).order_by("-occurred_at")
    medicines = Prescription.objects.filter(
        resident_id__in=keys, is_active=True, occurred_at__gte=now - _RECENT_MEDICINE
    )
    last = Encounter.objects.filter(resident_id__in=keys).exclude(status="cancelled").order_by("-occurred_at").first()
    documents = Document.objects.filter(resident_id__in=keys, status="final").order_by("-occurred_at")[:5]
    return RecordSummary(
        resident_id=resident_id,
        conditions=tuple(entries.condition_data(c) for c in once[:20]),
        allergies=tuple(entries.allergy_data(a) for a in allergies),
        medicines=tuple(entries.prescriptions(list(medicines.order_by("-occurred_at")[:5]))),
        results=_newest(keys),
        last_encounter=entries.encounter_data(last) if last else None,
        documents=tuple(entries.document_data(d) for d in documents),
    )


def _newest(keys: list[UUID]) -> tuple[ResultData, ...]:
    sql = (
        "select distinct on (code) id from records_result where resident_id = any(%s) and occurred_at >= %s "
        "order by code, occurred_at desc limit 40"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [keys, clock.now() - _RECENT_RESULT])
        ids = [key for (key,) in cursor.fetchall()]
    return tuple(entries.result_data(r) for r in Result.objects.filter(pk__in=ids).order_by("-occurred_at", "id"))


def warnings_of(resident_id: UUID) -> tuple[list[AllergyData], list[ConditionData]]:
    """Active allergies and lasting conditions, each once, for the header of every page about the person."""
    keys = entries.keys_of(resident_id)
    allergies = Allergy.objects.filter(resident_id__in=keys, is_active=True).order_by("-occurred_at")[:20]
    lasting = Condition.objects.filter(resident_id__in=keys, is_lasting=True, status="active").order_by("-occurred_at")[
        :200
    ]
    once = {c.text: c for c in reversed(lasting)}
    return [entries.allergy_data(a) for a in allergies], [entries.condition_data(c) for c in reversed(once.values())][
        :8
    ]
