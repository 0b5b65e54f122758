"""Settlements inside and outside the county: facts of the fund, by the bulk door of ``insurance.budget``; with the record number of a stay taken on
before, an inpatient one becomes a case with its front page."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from yigong.clinic import bulk as stays
from yigong.clinic.bulk import CodedStay
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.clock import SHANGHAI
from yigong.core.errors import Conflict
from yigong.exchange.takeon.data import Origin, Row
from yigong.exchange.takeon.rules.faults import todo, what
from yigong.exchange.takeon.rules.layouts import Layout, register_codes
from yigong.exchange.takeon.writers.base import RowWriter, register
from yigong.insurance.budget import bulk as budget
from yigong.insurance.budget.bulk import Filed
from yigong.insurance.claims import api as claims
from yigong.insurance.grouping.api import Case
from yigong.network import api as network
from yigong.residents import api as residents

_PAID = ("total", "own", "over", "first_self_pay", "pool", *budget.OTHER_FUNDS, "institution_part", "person")


class Settlements(RowWriter):
    """Every revision of a settlement is a row of its own; of all, the highest counts."""

    right = "budget.keep"
    batch = 2000

    def check(self, rows: Sequence[Row], chosen: Layout, origin: Origin, actor: Actor) -> None:
        """Whose, where and when; the sums agree; nothing that the counter knows already, and no revision with other content."""
        houses = network.institutions_by_code({row.text("institution_code") for row in rows if row["institution_code"]})
        people = _residents(rows, origin)
        here = budget.numbers_settled([row.text("ref") for row in rows])
        today = clock.today()
        for row in rows:
            house = houses.get(row.text("institution_code").replace(" ", "").upper())
            place = budget.place_of(row["place"]) if row["place"] else ""
            place = place or (
                "inside" if row["institution_code"] else "registered" if row["registered"] else "unregistered"
            )
            if house is None and (place == "inside" or (row["institution_code"] and not row["institution_name"])):
                row.fail(chosen, "institution", "institution_code")
            if house is None and place != "inside" and not row["institution_name"]:
                row.fail(chosen, "outside", "institution_name")
            if row["settled_on"] > today:
                row.fail(chosen, "future", "settled_on")
            if row["revision"] is not None and not 1 <= row["revision"] <= 999:
                row.fail(chosen, "number", "revision")
            if row.text("ref") in here:
                row.fail(chosen, "settled_here", "ref")
            _check_sums(row, chosen)
            row.found["place"] = place
            if not row.faults:
                row.found["house"] = house
        stays = _stays([row for row in rows if not row.faults], people)
        for row in rows:
            if not row.faults:
                row.found["filed"] = _filed(row, people, stays.get(row.line))
        self._check_known([row for row in rows if not row.faults], chosen)

    def _check_known(self, rows: Sequence[Row], chosen: Layout) -> None:
        known = budget.known_settlements([row.found["filed"].key for row in rows])
        seen: dict[tuple[str, int], Row] = {}
        for row in rows:
            filed = row.found["filed"]
            there = row.found["there"] = known.get(filed.key)
            # Whom a number stood for may have become clear since; everything else is settled.
            if there and any(
                filed.figures.get(name) != value for name, value in there[1].items() if name != "resident_id"
            ):
                row.fail(chosen, "revision", "revision" if row["revision"] is not None else "ref")
            elif other := seen.get(filed.key):
                row.fail(chosen, "twice", "ref", line=other.line)
            seen.setdefault(filed.key, row)

    def existing(self, rows: Sequence[Row], origin: Origin) -> dict[str, UUID]:
        """What another source, or the time before, has brought."""
        return {row.number: there[0] for row in rows if (there := row.found["there"])}

    def create(self, rows: Sequence[Row], origin: Origin, actor: Actor) -> dict[str, UUID]:
        """All revisions of a batch at once."""
        made = budget.load_settlements([row.found["filed"] for row in rows], actor)
        return {row.number: made[row.found["filed"].key] for row in rows if row.found["filed"].key in made}

    def change(self, row: Row, target: UUID, origin: Origin, actor: Actor) -> None:
        """Only what does not count can differ here (``check`` saw to the rest): another way to write the person, which stays as it was."""
        if not row.found["there"] or row.found["there"][0] != target:
            raise Conflict(f"{what('revision', {})}，{todo('revision', {})}")

    def retract(self, taken: Sequence[tuple[str, UUID]], reason: str, actor: Actor) -> dict[str, str]:
        """All of them: what they brought is booked with the opposite sums."""
        budget.withdraw_settlements([key for _number, key in taken], actor)
        return {}


def _filed(row: Row, people: dict[int, UUID], stay: dict[str, Any] | None) -> Filed:
    place, house = row.found["place"], row.found["house"]
    inside = place == "inside"
    settled_on = row["settled_on"]
    figures = budget.figures_of({name: row[name] or 0 for name in _PAID}) | {
        "scheme": row["scheme"], "kind": budget.kind_of(row["kind"]), "settled_on": settled_on.isoformat(), "month": settled_on.replace(day=1).isoformat(),
        "place": place, "institution_id": str(house.id) if house and inside else None,
        "institution_name": "" if inside else (row.text("institution_name") or house.name)[:100],
        "level": row.text("level") or (_LEVELS.get(house.level, "") if house else ""), "disease": row.text("disease"),
        "provisional": not inside and not row["final"], "resident_id": str(people[row.line]) if row.line in people else None,
    }  # fmt: skip
    if stay:
        figures["case"] = stay
    return Filed(row.text("ref"), row["revision"] or 1, figures)


def _stays(rows: Sequence[Row], people: dict[int, UUID]) -> dict[int, dict[str, Any]]:
    """Line -> the case of an inpatient settlement in the county: the stay that its record number names, by the day of settlement; grouped by the
    scheme in force unless the file says the group."""
    inpatient = [
        row
        for row in rows
        if row.found["place"] == "inside" and row["record_number"] and budget.kind_of(row["kind"]) == "inpatient"
    ]
    known = stays.stays_by_record({(row.found["house"].id, row.text("record_number")) for row in inpatient})
    encounters: dict[int, UUID] = {}
    for row in inpatient:
        fitting = [
            (discharged, encounter)
            for encounter, resident, _admitted, discharged in known.get(
                (row.found["house"].id, row.text("record_number")), ()
            )
            if discharged.astimezone(SHANGHAI).date() <= row["settled_on"]
            and people.get(row.line, resident) == resident
        ]
        if fitting:
            encounters[row.line] = max(fitting)[1]
    coded = stays.coded_stays(set(encounters.values()))
    return {
        row.line: _case(row, coded[encounters[row.line]])
        for row in inpatient
        if row.line in encounters and coded.get(encounters[row.line])
    }


def _case(row: Row, stay: CodedStay) -> dict[str, Any]:
    begun, ended = (at.astimezone(SHANGHAI).date() for at in (stay.admitted_at, stay.discharged_at))
    days, age = max(1, (ended - begun).days), residents.age_on(stay.birth_date, begun)
    main, act = stay.diagnoses[0] if stay.diagnoses else ("", ""), stay.procedures[0] if stay.procedures else ("", "")
    group, name, why = row.text("drg_code"), row.text("drg_name"), ""
    if not group:
        case = Case(
            sex=int(stay.sex) if stay.sex.isdigit() else None, age=age, diagnoses=tuple(code for code, _name in stay.diagnoses),
            procedures=tuple(code for code, _name in stay.procedures),
            age_days=(begun - stay.birth_date).days if stay.birth_date and age == 0 else None, los=days, leaving=stay.way_out,
            amount=Decimal(row["total"]) / 100,
        )  # fmt: skip
        group, name, why = claims.group_codes(case, ended)
    return {
        "department_id": str(stay.department_id), "doctor_id": str(stay.doctor_id) if stay.doctor_id else None,
        "discharged_on": ended.isoformat(), "days": days, "diagnosis": main[0][:20], "diagnosis_name": main[1][:120], "operation": act[0][:20],
        "operation_name": act[1][:120], "other_diagnoses": max(0, len(stay.diagnoses) - 1), "age": age, "died": stay.way_out == _DIED,
        "group": group[:12], "group_name": name[:120], "why_not": why[:120],
    }  # fmt: skip


_DIED = "5"  # RC019
_LEVELS = {"village": "1", "township": "1", "county": "2", "outside": "3"}


def _check_sums(row: Row, chosen: Layout) -> None:
    for name in _PAID:
        if (row[name] or 0) < 0:
            row.fail(chosen, "negative", name)
    total = row["total"]
    paid = sum(row[name] or 0 for name in ("pool", *budget.OTHER_FUNDS, "institution_part", "person"))
    apart = sum(row[name] or 0 for name in ("own", "over", "first_self_pay"))
    if total <= 0:
        row.fail(chosen, "amount", "total")
    elif paid != total:
        row.fail(chosen, "sum", "total", sum=f"{paid / 100:.2f}")
    elif apart > total:
        row.fail(chosen, "beyond", "own", other=next(c.label for c in chosen.columns if c.name == "total"))


def _residents(rows: Sequence[Row], origin: Origin) -> dict[int, UUID]:
    """Line -> resident, as far as they are known; a settlement of somebody unknown counts all the same."""
    numbers = {row.text("resident_number") for row in rows if row["resident_number"]}
    by_source = residents.residents_by_source(origin.institution_id, origin.system, numbers) if numbers else {}
    written = {row.text("id_number") for row in rows if row["id_number"]}
    by_number = residents.residents_by_citizen_number(written) if written else {}
    found = {
        row.line: by_number.get(row.text("id_number")) or by_source.get(row.text("resident_number")) for row in rows
    }
    return {line: key for line, key in found.items() if key}


def declare() -> None:
    """Offer tables and the writer."""
    register_codes("fund_schemes", lambda: dict(budget.schemes()))
    register_codes("fund_kinds", budget.kinds)
    register_codes("fund_places", budget.places)
    register("settlements", Settlements())
