"""Settlements by file, in the county and outside it: taken in, corrected by a higher revision, taken back. For taking on a county's data.

    load_settlements([Filed("3301…", 1, figures), …], actor)

Inpatient settlements in the county whose stay was found become cases as well (``figures["case"]``), with the revision that counts.

Of all revisions of a settlement the highest counts, whatever the order in which they came; what it changes against the fact that stands is booked as
the opposite of that and a new fact, in an open month. Statements are the same in number for one row and for thousands.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.ids import new_id
from yigong.insurance.budget import policies
from yigong.insurance.budget.commands.common import require
from yigong.insurance.budget.commands.facts import COLUMNS, OpenMonths, homes_of, put_all, region_of
from yigong.insurance.budget.models import CasePayment, FundCase, Statement
from yigong.insurance.budget.models.facts import FIGURES
from yigong.insurance.budget.queries.terms import schemes
from yigong.insurance.budget.rules.words import KIND_CODES, KIND_WORDS, OTHER_FUNDS, PLACES
from yigong.insurance.settlement.api import numbers_settled

__all__ = [
    "CASE", "OTHER_FUNDS", "Filed", "figures_of", "kind_of", "kinds", "known_settlements", "load_settlements", "numbers_settled", "place_of", "places", "schemes",
    "withdraw_settlements",
]  # fmt: skip


# What a file does not say of a fact.
_USUAL = {"identities": "", "disease": "", "institution_part": 0, "institution_name": "", "cases": 1}


@dataclass(frozen=True, slots=True)
class Filed:
    """One revision of one settlement. ``figures`` are plain values as they are kept (dates as text); money in fen."""

    ref: str
    revision: int
    figures: dict[str, Any]

    @property
    def key(self) -> tuple[str, int]:
        """What it is known by."""
        return self.ref, self.revision


def kinds() -> dict[str, str]:
    """Kinds of benefits: code of a file -> name."""
    return {code: str(KIND_WORDS[kind]) for code, kind in KIND_CODES.items()}


def places() -> dict[str, str]:
    """Where somebody was treated: code -> name."""
    return {code: str(word) for code, (word, _place) in PLACES.items()}


def kind_of(code: str) -> str:
    """The kind of a fact by the code of a file."""
    return KIND_CODES[code]


def place_of(code: str) -> str:
    """The place of a fact by the code of a file."""
    return PLACES[code][1]


def figures_of(given: dict[str, Any]) -> dict[str, Any]:
    """The figures of a row: what the person's part and the funds' come to, ready to be kept. ``given`` has every field of a fact that a file can say."""
    funds = {name: given.pop(name) for name in OTHER_FUNDS}
    in_scope = given["total"] - given["own"] - given["over"] - given["first_self_pay"]
    return given | {
        "funds": {name: amount for name, amount in funds.items() if amount}, "other_funds": sum(funds.values()), "in_scope": in_scope,
    }  # fmt: skip


def known_settlements(keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], tuple[UUID, dict[str, Any]]]:
    """(settlement, revision) -> key and figures of those that were taken in."""
    wanted = set(keys)
    rows = _revisions([ref for ref, _revision in wanted])
    return {(ref, revision): (key, figures) for key, ref, revision, figures in rows if (ref, revision) in wanted}


def _revisions(refs: Sequence[str]) -> list[tuple[UUID, str, int, dict[str, Any]]]:
    """All revisions of these settlements, the highest last."""
    rows = statements.fetch(
        "select id, ref, revision, figures::text from budget_filedsettlement where ref = any(%(refs)s) order by ref, revision",
        {"refs": list(refs)},
    )
    return [(key, ref, revision, orjson.loads(figures)) for key, ref, revision, figures in rows]


@racing("budget.load_settlements")
@transaction.atomic
def load_settlements(rows: Sequence[Filed], actor: Actor) -> dict[tuple[str, int], UUID]:
    """Take in revisions that are not there yet and book what they change; gives the key of each that is new."""
    require(actor, policies.KEEP)
    one_at_a_time("budget.returns")
    known = known_settlements([row.key for row in rows])
    fresh = {row.key: (new_id(), row) for row in rows if row.key not in known}
    columns = "id, ref, revision, figures, counts"
    with connection.cursor() as cursor, cursor.copy(f"copy budget_filedsettlement ({columns}) from stdin") as copy:
        for key, row in fresh.values():
            copy.write_row((key, row.ref, row.revision, orjson.dumps(row.figures).decode(), False))
    _settle({ref for ref, _revision in fresh})
    return {of: key for of, (key, _row) in fresh.items()}


@racing("budget.withdraw_settlements")
@transaction.atomic
def withdraw_settlements(ids: Collection[UUID], actor: Actor) -> None:
    """Take revisions back: what they had brought is booked with the opposite sums, and the revision before counts again."""
    require(actor, policies.KEEP)
    one_at_a_time("budget.returns")
    rows = statements.fetch(
        "delete from budget_filedsettlement where id = any(%(ids)s) returning ref", {"ids": list(ids)}
    )
    _settle({ref for (ref,) in rows})


def _settle(refs: Iterable[str]) -> None:
    """For each settlement: the revision that should count against the fact that stands; the difference is booked."""
    wanted = sorted(refs)
    best = {ref: (key, figures) for key, ref, _revision, figures in _revisions(wanted)}
    there = _standing(wanted)
    chosen = {"refs": wanted, "chosen": [key for key, _figures in best.values()]}
    statements.fetch(
        "update budget_filedsettlement set counts = false where ref = any(%(refs)s) and counts and id <> all(%(chosen)s::uuid[]) returning id",
        chosen,
    )
    booking = _Booking(figures for _key, figures in best.values())
    facts: list[dict[str, Any]] = []
    for ref in wanted:
        found, standing = best.get(ref), there.get(ref)
        if standing and found and standing["key"].startswith(f"return:{found[0]}:"):
            continue
        facts += [booking.opposite(standing)] if standing else []
        facts += [booking.fact(ref, *found)] if found else []
    put_all(facts)
    _keep_cases(wanted, best)
    statements.fetch(
        "update budget_filedsettlement set counts = true where id = any(%(chosen)s::uuid[]) and not counts returning id",
        chosen,
    )


CASE = (
    "department_id", "doctor_id", "discharged_on", "days", "diagnosis", "diagnosis_name", "operation", "operation_name", "other_diagnoses",
    "age", "died", "group", "group_name", "why_not",
)  # fmt: skip


def _keep_cases(refs: Sequence[str], best: Mapping[str, tuple[UUID, dict[str, Any]]]) -> None:
    """Cases of the settlements whose stay was found (``figures["case"]``, the names of ``CASE``): those of the revisions that count now, instead of
    those that counted before. What was paid for, or is asked to be paid apart, stays, as at the counter."""
    chosen = {key: (ref, figures) for ref, (key, figures) in best.items() if figures.get("case")}
    kept = FundCase.objects.filter(filed_ref__in=refs).exclude(pk__in=chosen)
    months = {date.fromisoformat(figures["month"]) for _ref, figures in chosen.values()} | set(
        kept.values_list("month", flat=True)
    )
    for month in sorted(months):
        one_at_a_time("budget.statements", month)
    paid = set(
        Statement.objects.filter(month__in=months).exclude(state="calculated").values_list("institution_id", "month")
    )
    going = [
        row
        for row in kept.prefetch_related("requests")
        if (row.institution_id, row.month) not in paid and not row.requests.all()
    ]
    CasePayment.objects.filter(case__in=going).delete()
    FundCase.objects.filter(pk__in=[row.pk for row in going]).delete()
    staying = set(FundCase.objects.filter(filed_ref__in=refs).values_list("filed_ref", flat=True))
    FundCase.objects.bulk_create(
        (
            _case(key, ref, figures)
            for key, (ref, figures) in chosen.items()
            if ref not in staying
            and (UUID(figures["institution_id"]), date.fromisoformat(figures["month"])) not in paid
        ),
        batch_size=2000,
        ignore_conflicts=True,
    )


def _case(key: UUID, ref: str, figures: Mapping[str, Any]) -> FundCase:
    person = figures.get("resident_id")
    return FundCase(
        id=key, filed_ref=ref, number=ref[:24], institution_id=UUID(figures["institution_id"]), resident_id=UUID(person) if person else None,
        scheme=figures["scheme"], month=date.fromisoformat(figures["month"]), level=figures["level"], cost=figures["total"],
        **{name: figures[name] for name in ("own", "over", "first_self_pay", "pool", "other_funds", "person")},
        **{name: value for name, value in figures["case"].items() if name in CASE},
    )  # fmt: skip


def _standing(refs: list[str]) -> dict[str, dict[str, Any]]:
    """The fact that stands for each settlement: the one that no other row takes back."""
    rows = [
        dict(zip(COLUMNS, row, strict=True))
        for row in statements.fetch(
            f"select {', '.join(COLUMNS)} from budget_fundfact where ref = any(%(refs)s) and source = 'return'",
            {"refs": refs},
        )
    ]
    taken_back = {row["key"].removeprefix("back:") for row in rows if row["cases"] < 0}
    return {row["ref"]: row for row in rows if row["cases"] > 0 and str(row["id"]) not in taken_back}


class _Booking:
    """Facts of one load: homes of its people asked once, closed months read once for each scheme."""

    def __init__(self, figures: Iterable[Mapping[str, Any]]) -> None:
        people = {UUID(text) for one in figures if (text := one.get("resident_id"))}
        self.homes, self.months, self.region = homes_of(people), OpenMonths(), cache(region_of)
        self.this_month = clock.today().replace(day=1)

    def opposite(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What takes a fact back."""
        booked = self.months.first(row["region"], row["scheme"], max(row["month"], row["booked"]))
        figures = {name: -row[name] for name in (*FIGURES, "cases")}
        return {**row, **figures, "id": new_id(), "key": f"back:{row['id']}", "booked": booked}

    def fact(self, ref: str, filed: UUID, figures: Mapping[str, Any]) -> dict[str, Any]:
        """The fact of a revision. In the county it was known in its own month, what comes from outside is late."""
        month, settled_on = date.fromisoformat(figures["month"]), date.fromisoformat(figures["settled_on"])
        person, house = (
            UUID(text) if (text := figures.get(name)) else None for name in ("resident_id", "institution_id")
        )
        region, key = self.region(figures["scheme"]), new_id()
        booked = self.months.first(region, figures["scheme"], self._known_in(month, figures["place"]))
        return {**_USUAL, **figures} | {
            "id": key, "key": f"return:{filed}:{key}", "source": "return", "ref": ref, "region": region, "month": month, "settled_on": settled_on,
            "booked": booked, "resident_id": person, "institution_id": house, "home_id": self.homes.get(person) if person else None,
        }  # fmt: skip

    def _known_in(self, month: date, place: str) -> date:
        return month if place == "inside" else max(month, self.this_month)
