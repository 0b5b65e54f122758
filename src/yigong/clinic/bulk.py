"""Stays of the past with their front pages, and what past visits and stays cost, in bulk: for take-overs from old systems.

    load_stays([PastStay(…), …], actor, "数据接入")
    load_charges(rows_in_the_order_of_CHARGE, load_id, actor, "数据接入")

The encounter is loaded into ``records`` before. Stays come as discharged, front pages as coded: they were, elsewhere. No events, no bills; what is
loaded is not tracked row by row and is logged with its counts.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from yigong.clinic.data import FrontPageDiagnosisData, FrontPageProcedureData
from yigong.clinic.models import FrontPage, FrontPageDiagnosis, FrontPageProcedure, Stay, StayPlace
from yigong.clinic.rules import definitions
from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.audit.api import bulk_load
from yigong.core.commands import racing
from yigong.core.ids import new_id
from yigong.core.numbers.api import pass_over
from yigong.core.pinyin import initials
from yigong.core.uses import in_words, uses_of

_OWN = (StayPlace, FrontPageDiagnosis, FrontPageProcedure, FrontPage, Stay)


@dataclass(frozen=True, slots=True)
class PastStay:
    """One stay that is over. ``page`` are fields of the front page, its diagnoses the principal one first."""

    encounter_id: UUID
    resident_id: UUID
    patient_name: str
    patient_sex: str
    birth_date: date | None
    institution_id: UUID
    admission_department_id: UUID
    department_id: UUID
    record_number: str
    times: int
    way_in: str
    admitted_at: datetime
    discharged_at: datetime
    way_out: str
    receiving_institution: str
    diagnoses: Sequence[FrontPageDiagnosisData]
    procedures: Sequence[FrontPageProcedureData] = ()
    page: dict[str, Any] = field(default_factory=dict)
    doctor_name: str = ""


def past_times(keys: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], set[int]]:
    """(institution, resident) -> which stays there are known by their number."""
    found: dict[tuple[UUID, UUID], set[int]] = {}
    of = {"institution_id__in": {one[0] for one in keys}, "resident_id__in": {one[1] for one in keys}}
    rows = Stay.objects.filter(**of).exclude(state="cancelled")
    for house, resident, times in rows.values_list("institution_id", "resident_id", "times"):
        found.setdefault((house, resident), set()).add(times)
    return found


def stays_by_record(
    keys: Collection[tuple[UUID, str]],
) -> dict[tuple[UUID, str], list[tuple[UUID, UUID, datetime, datetime]]]:
    """(institution, record number) -> its stays that are over: encounter, resident, admission, discharge."""
    rows = statements.fetch(
        "select s.institution_id, s.record_number, s.encounter_id, s.resident_id, s.admitted_at, s.discharged_at from "
        "unnest(%(houses)s::uuid[], %(numbers)s::text[]) as w (house, number) join clinic_stay s on s.institution_id = w.house "
        "and s.record_number = w.number where s.state = 'discharged' order by s.admitted_at",
        {"houses": [house for house, _number in keys], "numbers": [number for _house, number in keys]},
    )
    found: dict[tuple[UUID, str], list[tuple[UUID, UUID, datetime, datetime]]] = {}
    for house, number, encounter, resident, admitted, discharged in rows:
        found.setdefault((house, number), []).append((encounter, resident, admitted, discharged))
    return found


@dataclass(frozen=True, slots=True)
class CodedStay:
    """A stay that is over with what its coded front page says; (code, name), the principal diagnosis and the main operation first."""

    encounter_id: UUID
    department_id: UUID
    doctor_id: UUID | None
    sex: str
    birth_date: date | None
    admitted_at: datetime
    discharged_at: datetime
    way_out: str
    diagnoses: tuple[tuple[str, str], ...]
    procedures: tuple[tuple[str, str], ...]


def coded_stays(encounter_ids: Collection[UUID]) -> dict[UUID, CodedStay]:
    """Encounter -> its stay, where the front page is coded: three statements for any number. For rooms that have decided."""
    pages = FrontPage.objects.filter(
        state="coded", stay__encounter_id__in=encounter_ids, stay__discharged_at__isnull=False
    )
    rows = {row.pk: row.stay for row in pages.select_related("stay")}
    coded: list[dict[Any, list[tuple[str, str]]]] = []
    for model in (FrontPageDiagnosis, FrontPageProcedure):
        found: dict[Any, list[tuple[str, str]]] = {}
        lines = model._default_manager.filter(front_page__in=list(rows)).order_by("front_page", "place")
        for page, code, name in lines.values_list("front_page_id", "code", "name"):
            found.setdefault(page, []).append((code, name))
        coded.append(found)
    return {
        stay.encounter_id: CodedStay(
            stay.encounter_id, stay.department_id, stay.doctor_id, stay.patient_sex, stay.birth_date, stay.admitted_at, stay.discharged_at,
            stay.way_out, tuple(coded[0].get(page, ())), tuple(coded[1].get(page, ())),
        )
        for page, stay in rows.items()
        if stay.discharged_at
    }  # fmt: skip


def load_stays(stays: Sequence[PastStay], actor: Actor, reason: str) -> int:
    """Write them; numbers of later admissions go on from theirs. Returns how many."""
    now = clock.now()
    with transaction.atomic(), bulk_load(Stay, FrontPage, actor=actor, reason=reason) as counts:
        rows = [_stay(one) for one in stays]
        Stay.objects.bulk_create(rows, batch_size=1000)
        StayPlace.objects.bulk_create(
            (
                StayPlace(
                    stay=row, department_id=row.department_id, starts_at=row.admitted_at, ends_at=row.discharged_at, actor_name=actor.name
                )
                for row in rows
            ),
            batch_size=1000,
        )  # fmt: skip
        pages = [_page(one, row, now) for one, row in zip(stays, rows, strict=True)]
        FrontPage.objects.bulk_create(pages, batch_size=500)
        FrontPageDiagnosis.objects.bulk_create(
            (
                FrontPageDiagnosis(front_page=page, place=n, code=d.code, name=d.name, admission_condition=d.admission_condition)
                for one, page in zip(stays, pages, strict=True)
                for n, d in enumerate(one.diagnoses, 1)
            ),
            batch_size=2000,
        )  # fmt: skip
        FrontPageProcedure.objects.bulk_create(
            (
                FrontPageProcedure(
                    front_page=page, place=n, code=p.code, name=p.name, performed_at=p.performed_at, level=p.level,
                    operator_name=p.operator_name, first_assistant=p.first_assistant, second_assistant=p.second_assistant, wound=p.wound, anaesthesia=p.anaesthesia, anaesthetist=p.anaesthetist,
                )
                for one, page in zip(stays, pages, strict=True)
                for n, p in enumerate(one.procedures, 1)
            ),
            batch_size=2000,
        )  # fmt: skip
        highest: dict[str, int] = {}
        for row in rows:
            scope = f"{row.institution_id.hex[:12]}{row.resident_id.hex[-20:]}"
            highest[scope] = max(highest.get(scope, 0), row.times)
        pass_over("clinic.stay", highest)
        counts |= {"stay": len(rows), "front_page": len(pages)}
    return len(rows)


def _stay(one: PastStay) -> Stay:
    key, main = new_id(), one.diagnoses[0]
    return Stay(
        id=key, state="discharged", state_since=one.discharged_at, version=1, number=f"ZJ{key.hex[-22:]}", record_number=one.record_number,
        times=one.times, resident_id=one.resident_id, patient_name=one.patient_name, patient_initials=initials(one.patient_name)[:60],
        patient_sex=one.patient_sex, birth_date=one.birth_date, institution_id=one.institution_id, department_id=one.department_id,
        admission_department_id=one.admission_department_id, encounter_id=one.encounter_id, way_in=one.way_in, admitted_at=one.admitted_at,
        diagnosis_code=main.code, diagnosis=main.name, doctor_name=one.doctor_name, discharged_at=one.discharged_at, way_out=one.way_out,
        receiving_institution=one.receiving_institution,
    )  # fmt: skip


def _page(one: PastStay, stay: Stay, now: datetime) -> FrontPage:
    return FrontPage(
        state="coded", state_since=one.discharged_at, version=1, stay=stay, institution_id=one.institution_id, completed_at=now, coded_at=now,
        **one.page,
    )  # fmt: skip


def withdraw_stays(encounter_ids: Sequence[UUID], actor: Actor, reason: str) -> dict[UUID, str]:
    """Delete stays that were loaded by mistake with their front pages, by their encounters; those with a bill or named anywhere else stay, each
    with why."""
    stays = dict(Stay.objects.filter(encounter_id__in=encounter_ids).values_list("id", "encounter_id"))
    used = uses_of(Stay, list(stays), "stay", but=_OWN)
    gone = [key for key in stays if key not in used]
    pages = list(FrontPage.objects.filter(stay__in=gone).values_list("id", flat=True))
    with transaction.atomic(), bulk_load(Stay, FrontPage, actor=actor, reason=reason) as counts:
        for model, of in (
            (FrontPageDiagnosis, {"front_page__in": pages}), (FrontPageProcedure, {"front_page__in": pages}), (FrontPage, {"pk__in": pages}),
            (StayPlace, {"stay__in": gone}), (Stay, {"pk__in": gone}),
        ):  # fmt: skip
            counts[str(model._meta.label)] = -_deleted(model, of)
    return {stays[key]: in_words(where) for key, where in used.items()}


def _deleted(model: type[models.Model], of: dict[str, Any]) -> int:
    rows = model._default_manager.filter(**of)
    return int(rows._raw_delete(rows.db) or 0)


# Past charges

CHARGE = (
    "id", "load_id", "digest", "encounter_id", "resident_id", "institution_id", "source_system", "bill_number", "line_number", "is_inpatient",
    "item_code", "item_name", "national_code", "category", "unit", "unit_price", "quantity", "amount", "performed_at", "department_id",
)  # fmt: skip
_KEY = ("institution_id", "source_system", "bill_number", "line_number")
_SAME_KEY = " and ".join(f"p.{name} = i.{name}" for name in _KEY)
_CHANGED = ", ".join(f"{name} = excluded.{name}" for name in CHARGE if name not in ("id", "load_id", *_KEY))
# Lines that are there with the same content count as new when this very load wrote them before its worker was killed.
_TAKE = f"""
    with again as (
        select count(*) as n from clinic_past_in i join clinic_pastcharge p on {_SAME_KEY}
        where p.load_id = i.load_id and p.digest = i.digest
    ), written as (
        insert into clinic_pastcharge ({", ".join(CHARGE)}) select {", ".join(CHARGE)} from clinic_past_in
        order by {", ".join(_KEY)}
        on conflict ({", ".join(_KEY)}) do update set {_CHANGED} where clinic_pastcharge.digest <> excluded.digest
        returning (xmax = 0) as fresh
    )
    select (select n from again) + count(*) filter (where fresh), count(*) filter (where not fresh) from written
"""
_STAGE = (
    "create temp table if not exists clinic_past_in (like clinic_pastcharge including defaults) on commit delete rows"
)


def items_by_national_code() -> dict[str, tuple[str, str, str]]:
    """National code -> code, name and fee type in the local price list."""
    return {
        row.national_code: (row.code, row.name, row.category)
        for row in definitions.rows(definitions.ITEMS).values()
        if row.national_code
    }


@racing("clinic.load_charges")
def load_charges(rows: Iterable[Sequence[Any]], actor: Actor, reason: str) -> tuple[int, int, int]:
    """Write lines of past bills, values in the order of ``CHARGE``: one COPY and one statement for any number. Says how many were new, changed,
    and the same as before."""
    with transaction.atomic(), bulk_load(actor=actor, reason=reason) as counts:
        with connection.cursor() as cursor:
            cursor.execute(_STAGE)
            cursor.execute("delete from clinic_past_in")
            given = 0
            with cursor.copy(f"copy clinic_past_in ({', '.join(CHARGE)}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
                    given += 1
            cursor.execute(_TAKE)
            new, changed = cursor.fetchone() or (0, 0)
        counts |= {"past_charge": new, "past_charge_changed": changed}
    return new, changed, given - new - changed


def charges_known(keys: Sequence[tuple[UUID, str, str, str]]) -> dict[tuple[UUID, str, str, str], bytes]:
    """Which of these lines (institution, system, bill, line) are there, with their digests; for a trial."""
    rows = statements.fetch(
        "select p.institution_id, p.source_system, p.bill_number, p.line_number, p.digest from "
        "unnest(%(houses)s::uuid[], %(systems)s::text[], %(bills)s::text[], %(lines)s::text[]) "
        f"as i (institution_id, source_system, bill_number, line_number) join clinic_pastcharge p on {_SAME_KEY}",
        dict(zip(("houses", "systems", "bills", "lines"), map(list, zip(*keys, strict=True)), strict=True)),
    )
    return {tuple(row[:4]): bytes(row[4]) for row in rows}


def withdraw_charges(load_id: UUID, actor: Actor, reason: str, most: int = 50_000) -> int:
    """Delete lines that one import brought, ``most`` at a time; says how many went."""
    with transaction.atomic(), bulk_load(actor=actor, reason=reason) as counts, connection.cursor() as cursor:
        cursor.execute(
            "delete from clinic_pastcharge where id = any(array(select id from clinic_pastcharge where load_id = %s limit %s))",
            [load_id, most],
        )
        counts["past_charge"] = -cursor.rowcount
        return int(cursor.rowcount)
