"""Visits and stays of the past: encounters with diagnoses into ``records``, stays with their front pages into ``clinic``, by their bulk doors."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import PastRelationship
from yigong.clinic import api as clinic
from yigong.clinic import bulk as stays
from yigong.clinic.data import FrontPageDiagnosisData, FrontPageProcedureData
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict
from yigong.core.ids import new_id
from yigong.exchange.takeon import policies
from yigong.exchange.takeon.data import Origin, Row
from yigong.exchange.takeon.rules.layouts import Layout, layout, register_codes
from yigong.exchange.takeon.writers.base import RowWriter, register
from yigong.network import api as network
from yigong.records import bulk as records
from yigong.residents import api as residents

# code here -> class of the encounter
_CLASSES = {"outpatient": "AMB", "emergency": "EMER", "home": "HH", "checkup": "AMB", "remote": "VR"}
_KINDS = {"outpatient": "门诊", "emergency": "急诊", "home": "入户", "checkup": "体检", "remote": "远程"}
_SEEN_FOR = {"inpatient": timedelta(days=365)}
_SEEN = timedelta(days=180)
_OTHERS = {"visits": 4, "stays": 40}
_PROCEDURES = 41


class Care(RowWriter):
    """What visits and stays have in common: who, where, by whom, when."""

    right = policies.CARE
    batch = 2000
    _layout, _number = "visits", "number"

    def check(self, rows: Sequence[Row], chosen: Layout, origin: Origin, actor: Actor) -> None:
        """Institution, department, doctor, resident; beginning before end, and not in the future."""
        houses = network.institutions_by_code(row.text("institution_code") for row in rows)
        wards = _wards({house.id for house in houses.values()})
        doctors = network.staff_by_code(row.text("doctor_code") for row in rows if row["doctor_code"])
        now = clock.now()
        for row in rows:
            house = row.found["house"] = houses.get(_fold(row.text("institution_code")))
            if house is None:
                row.fail(chosen, "institution", "institution_code")
            elif row["department_code"]:
                row.found["ward"] = wards.get((house.id, _fold(row.text("department_code"))))
                if row.found["ward"] is None:
                    row.fail(chosen, "department", "department_code")
            doctor = doctors.get(_fold(row.text("doctor_code")))
            row.found["doctor"] = doctor
            if row["doctor_code"] and doctor is None:
                row.fail(chosen, "staff", "doctor_code")
            begun, ended = row["started_at"], row["ended_at"]
            if begun and begun > now:
                row.fail(chosen, "future", "started_at")
            if ended and ended > now:
                row.fail(chosen, "future", "ended_at")
            if begun and ended and ended < begun:
                row.fail(chosen, "not_after", "ended_at", other=_label(chosen, "started_at"))
        _find_residents(rows, chosen, origin)

    def create(self, rows: Sequence[Row], origin: Origin, actor: Actor) -> dict[str, UUID]:
        """All rows of a batch at once."""
        keys = {row.number: row.found.get("key") or new_id() for row in rows}
        with records.loading(actor, _("数据接入：%(system)s") % {"system": origin.system}) as batch:
            batch.load("encounter", (self._encounter(row, keys[row.number], origin) for row in rows))
            batch.load("condition", (line for row in rows for line in self._conditions(row, keys[row.number], origin)))
            batch.load("procedure", (line for row in rows for line in self._procedures(row, keys[row.number], origin)))
        access.open_past_relationships(
            PastRelationship(
                row.found["resident"], row.found["house"].id, keys[row.number], row["started_at"],
                (row["ended_at"] or row["started_at"]) + _SEEN_FOR.get(self._kind(row), _SEEN),
            )
            for row in rows
        )  # fmt: skip
        return keys

    def _entry(self, row: Row, origin: Origin) -> tuple[Any, ...]:
        doctor = row.found.get("doctor")
        return (
            row.found["resident"], row.found["house"].id, doctor.id if doctor else None, row["started_at"], origin.system,
            row.text(self._number)[:60],
        )  # fmt: skip

    def _kind(self, row: Row) -> str:
        return row["kind"] or "outpatient"

    def _encounter(self, row: Row, key: UUID, origin: Origin) -> tuple[Any, ...]:
        kind, ward = self._kind(row), row.found.get("ward")
        return (
            key, *self._entry(row, origin), kind, _CLASSES.get(kind, "IMP"), False, ward.id if ward else None, "finished",
            row["ended_at"] or row["started_at"], row.text("complaint"), row.text("advice"),
        )  # fmt: skip

    def _conditions(self, row: Row, key: UUID, origin: Origin) -> Iterator[tuple[Any, ...]]:
        for place, (code, name) in enumerate(self._diagnoses(row)):
            yield (
                new_id(), *self._entry(row, origin), key, "ICD-10", code, name[:200], "resolved", place == 0, False, None,
            )  # fmt: skip

    def _diagnoses(self, row: Row) -> Iterator[tuple[str, str]]:
        numbers = range(1, _OTHERS[self._layout] + 1)
        for tail in ("", *(str(n) for n in numbers)):
            code, name = row.text(f"diagnosis_code{tail}"), row.text(f"diagnosis{tail}")
            if code or name:
                yield code, name or code

    def _procedures(self, row: Row, key: UUID, origin: Origin) -> Iterator[tuple[Any, ...]]:
        return iter(())

    def change(self, row: Row, target: UUID, origin: Origin, actor: Actor) -> None:
        """Nobody has built on it: it is written anew under the same key."""
        stay = self.retract([(row.number, target)], _("数据接入"), actor)
        if stay:
            raise Conflict(_("内容有变化，但%(why)s，请在相应页面更正。") % {"why": stay[row.number]})
        row.found["key"] = target
        if row.number not in self.create([row], origin, actor):
            raise Conflict(row.told())

    def retract(self, taken: Sequence[tuple[str, UUID]], reason: str, actor: Actor) -> dict[str, str]:
        """Those that no other row names."""
        stay = records.withdraw([key for _number, key in taken], actor, reason)
        access.drop_relationships([key for _number, key in taken if key not in stay])
        return {number: stay[key] for number, key in taken if key in stay}


class Stays(Care):
    """Stays with their front pages by the national layout."""

    batch = 1000
    _layout, _number = "stays", "record_number"

    def check(self, rows: Sequence[Row], chosen: Layout, origin: Origin, actor: Actor) -> None:
        """Beside the rest: where admitted, and which of the resident's stays it is."""
        super().check(rows, chosen, origin, actor)
        good = [row for row in rows if not row.faults]
        wards = _wards({row.found["house"].id for row in good})
        known = stays.past_times({(row.found["house"].id, row.found["resident"]) for row in good})
        for row in good:
            house = row.found["house"].id
            code = _fold(row.text("admission_department_code"))
            row.found["admission_ward"] = wards.get((house, code), row.found["ward"]) if code else row.found["ward"]
            if row["way_out"] in ("2", "3") and not row["receiving_institution"]:
                row.found["receiving"] = _("不详")
            row.found["times_known"] = known.get((house, row.found["resident"]), set())
            _check_fees(row, chosen)

    def create(self, rows: Sequence[Row], origin: Origin, actor: Actor) -> dict[str, UUID]:
        """The encounter, then the stay on it. A stay that is known by its count already is refused."""
        good: list[Row] = []
        taken: dict[tuple[UUID, UUID], set[int]] = defaultdict(set)
        for row in rows:
            of = (row.found["house"].id, row.found["resident"])
            used = row.found["times_known"] | taken[of]
            times = row["times"] or max(used, default=0) + 1
            if times in used and not row.found.get("key"):
                row.fail(
                    layout("stays"), "refused", "times", text=_("该居民在本机构第 %(n)s 次住院已有记录") % {"n": times}
                )
                continue
            taken[of].add(times)
            row.found["times"] = times
            good.append(row)
        keys = super().create(good, origin, actor) if good else {}
        names = residents.resident_names([row.found["resident"] for row in good])
        if good:
            stays.load_stays([self._stay(row, keys[row.number], names) for row in good], actor, _("数据接入"))
        return keys

    def _kind(self, row: Row) -> str:
        return "inpatient"

    def _stay(self, row: Row, key: UUID, names: dict[UUID, Any]) -> stays.PastStay:
        who = names[row.found["resident"]]
        return stays.PastStay(
            encounter_id=key, resident_id=row.found["resident"], patient_name=(row.text("name") or who.name)[:60],
            patient_sex=row["sex"] or "0", birth_date=row["birth_date"], institution_id=row.found["house"].id,
            admission_department_id=row.found["admission_ward"].id, department_id=row.found["ward"].id,
            record_number=row.text("record_number")[:24], times=row.found["times"], way_in=row["way_in"] or "9",
            admitted_at=row["started_at"], discharged_at=row["ended_at"], way_out=row["way_out"],
            receiving_institution=row.text("receiving_institution") or row.found.get("receiving", ""),
            diagnoses=[
                FrontPageDiagnosisData(code, name[:100], condition) for code, name, condition in self._coded(row)
            ],
            procedures=[p for _n, p in self._acts(row)], page=self._page(row), doctor_name=row.text("attending_doctor")[:50],
        )  # fmt: skip

    def _coded(self, row: Row) -> Iterator[tuple[str, str, str]]:
        for tail in ("", *(str(n) for n in range(1, _OTHERS["stays"] + 1))):
            code, name = row.text(f"diagnosis_code{tail}"), row.text(f"diagnosis{tail}")
            if code or name:
                yield code, name or code, row.text(f"condition{tail}")

    def _acts(self, row: Row) -> Iterator[tuple[int, FrontPageProcedureData]]:
        for n in range(1, _PROCEDURES + 1):
            code, name = row.text(f"procedure_code{n}"), row.text(f"procedure{n}")
            if code or name:
                yield (
                    n,
                    FrontPageProcedureData(
                        code, (name or code)[:100], row[f"procedure_at{n}"], row.text(f"procedure_level{n}"), None,
                        row.text(f"operator{n}")[:40], first_assistant=row.text(f"first_assistant{n}")[:40],
                        second_assistant=row.text(f"second_assistant{n}")[:40], wound=row.text(f"wound{n}"), anaesthesia=row.text(f"anaesthesia{n}"),
                        anaesthetist=row.text(f"anaesthetist{n}")[:40],
                    ),
                )  # fmt: skip

    def _procedures(self, row: Row, key: UUID, origin: Origin) -> Iterator[tuple[Any, ...]]:
        entry = self._entry(row, origin)
        for _n, act in self._acts(row):
            at = act.performed_at or row["started_at"]
            yield (new_id(), *entry[:3], at, *entry[4:], key, "ICD-9-CM-3", act.code, act.name, "")

    def _page(self, row: Row) -> dict[str, Any]:
        told: dict[str, Any] = {name: row.text(name) for name in _PAGE if row[name]}
        fees = {code: row[code] for code in ("D01", "D09", *clinic.fee_groups()) if row[code] is not None}
        return told | ({"fees_taken": fees} if fees else {})

    def retract(self, taken: Sequence[tuple[str, UUID]], reason: str, actor: Actor) -> dict[str, str]:
        """The stay first, then its encounter."""
        keys = [key for _number, key in taken]
        held = stays.withdraw_stays(keys, actor, reason)
        free = [(number, key) for number, key in taken if key not in held]
        return {number: held[key] for number, key in taken if key in held} | super().retract(free, reason, actor)


# Columns that are fields of the front page under the same name.
_PAGE = (
    "payment_method", "marital_status", "occupation", "contact_name", "contact_relation", "contact_phone", "contact_address", "outpatient_code",
    "outpatient_name", "pathology_code", "pathology_name", "external_cause_code", "external_cause_name", "drug_allergy", "allergy_drugs",
    "blood_abo", "blood_rh", "autopsy", "department_head", "chief_doctor", "attending_doctor", "resident_doctor", "responsible_nurse",
    "coder_name", "quality_grade", "readmission_plan", "readmission_purpose",
)  # fmt: skip


def _check_fees(row: Row, chosen: Layout) -> None:
    """All is at least the sum of the groups and what the person paid; a sub-line is within its group."""
    given = {code: row[code] for code in ("D01", "D09", *clinic.fee_groups()) if row[code] is not None}
    for code, amount in given.items():
        group = code.partition("x")[0]
        if amount < 0:
            row.fail(chosen, "negative", code)
        elif code != group and amount > given.get(group, amount):
            row.fail(chosen, "beyond", code, other=_label(chosen, group))
    parts = sum(amount for code, amount in given.items() if code not in ("D01", "D09") and "x" not in code)
    whole = given.get("D01")
    if whole is not None and parts > whole:
        row.fail(chosen, "sum", "D01", sum=f"{parts / 100:.2f}")
    if whole is not None and given.get("D09", 0) > whole:
        row.fail(chosen, "beyond", "D09", other=_label(chosen, "D01"))


def _fold(text: str) -> str:
    return text.replace(" ", "").upper()


def _label(chosen: Layout, name: str) -> str:
    return next(c.label for c in chosen.each() if c.name == name)


def _wards(houses: set[UUID]) -> dict[tuple[UUID, str], Any]:
    """Departments by institution and code, and by the national subject code where one department only has it."""
    known: dict[tuple[UUID, str], Any] = network.departments_by_code(houses)
    subjects: dict[tuple[UUID, str], list[Any]] = defaultdict(list)
    for one in known.values():
        subjects[one.institution_id, one.specialty].append(one)
    return {key: rows[0] for key, rows in subjects.items() if key[1] and len(rows) == 1} | known


def _find_residents(rows: Sequence[Row], chosen: Layout, origin: Origin) -> None:
    """By the number that the source gave the person, by the record number, by the citizen number; two that disagree are told."""
    numbers = {row.text(name) for row in rows for name in ("resident_number", "record_number") if row[name]}
    by_source = residents.residents_by_source(origin.institution_id, origin.system, numbers)
    by_number = residents.residents_by_citizen_number({row.text("id_number") for row in rows if row["id_number"]})
    for row in rows:
        own = by_source.get(row.text("resident_number")) or by_source.get(row.text("record_number"))
        other = by_number.get(row.text("id_number"))
        row.found["resident"] = own or other
        if own and other and own != other:
            row.fail(chosen, "person", "id_number")
        elif not own and not other:
            row.fail(chosen, "resident", "id_number" if row["id_number"] else "resident_number")


def declare() -> None:
    """Offer tables and writers."""
    register_codes("encounter_kinds", lambda: _KINDS)
    for name, table in clinic.code_tables().items():
        register_codes(name, lambda table=table: table)  # type: ignore[misc]
    register("visits", Care())
    register("stays", Stays())
