"""What somebody takes, to be asked about one by one: by the record, and what was heard at an earlier visit."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yigong.core import clock
from yigong.network import api as network
from yigong.programmes.models import MedicineUse
from yigong.programmes.rules.medicines import Use, medicine_uses
from yigong.records import api as records
from yigong.residents import api as residents


@dataclass(frozen=True, slots=True)
class MedicineRow:
    """One medicine: by whom it was prescribed (``giver``), since when, when what was prescribed last is used up; what was said of it ``before``
    and when. ``heard``: only heard of at a visit, no prescription in the record; ``ran_out``: what was prescribed last should be used up."""

    name: str
    text: str
    since: date | None = None
    last_on: date | None = None
    until: date | None = None
    giver: str = ""
    before: str = ""
    before_on: date | None = None
    heard: bool = False
    ran_out: bool = False


def rows_of(resident_ids: Collection[UUID]) -> dict[UUID, list[MedicineRow]]:
    """The medicines of these people, by the record first, in five statements for all. The caller has decided about each."""
    rule = medicine_uses()
    prescribed, said = records.medicines_of(resident_ids), _said(resident_ids)
    every = [m for of in prescribed.values() for m in of]
    places = network.institutions({m.institution_id for m in every})
    staff = network.staff_many({m.staff_id for m in every if m.staff_id})
    found: dict[UUID, list[MedicineRow]] = {}
    for person in resident_ids:
        rows = []
        for m in prescribed.get(person, []):
            place = places.get(m.institution_id)
            parts = [
                (place.short_name or place.name) if place else "",
                staff[m.staff_id].name if m.staff_id in staff else "",
            ]
            use, on = said.get(person, {}).get(m.name, (None, None))
            before, ran_out = rule.label(use.taken) if use else "", m.until is not None and m.until < clock.today()
            giver = " ".join(filter(None, parts))
            rows.append(MedicineRow(m.name, m.text, m.since, m.last_on, m.until, giver, before, on, ran_out=ran_out))
        known = {r.name for r in rows}
        rows += [
            MedicineRow(name, use.text, before=rule.label(use.taken), before_on=on, heard=True)
            for name, (use, on) in said.get(person, {}).items()
            if name not in known and not _is_over(use)
        ]
        if rows:
            found[person] = rows
    return found


def _is_over(use: Use) -> bool:
    return any(t.ended and t.code == use.taken for t in medicine_uses().taken)


def _said(resident_ids: Collection[UUID]) -> dict[UUID, dict[str, tuple[Use, date]]]:
    """What was said last of each medicine, at whatever visit."""
    of = residents.identities_of(resident_ids)
    rows = MedicineUse.objects.filter(visit__enrolment__resident_id__in=list(of), visit__void_reason="")
    columns = rows.order_by("visit__on", "visit__recorded_at", "place").values_list(
        "visit__enrolment__resident_id", "name", "text", "taken", "visit__on"
    )
    found: dict[UUID, dict[str, tuple[Use, date]]] = {}
    for person, name, text, taken, on in columns:
        found.setdefault(of[person], {})[name] = (Use(name, taken, text), on)
    return found


def of_visit(visit_id: UUID) -> list[Use]:
    """What was said of each medicine at one visit."""
    rows = MedicineUse.objects.filter(visit_id=visit_id).order_by("place")
    return [Use(u.name, u.taken, u.text, u.note) for u in rows]
