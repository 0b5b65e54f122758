"""A year settled again under a changed plan. Pure: runs in processes that have no database.

Every person's settlements are computed twice in the order of time, under the plan and under the changed plan; the difference is the answer. The
figures recorded at the time are not used, because the plan of the year may have been another.
"""

# texts: data (the bars are kept with the result)

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from yigong.insurance.benefits.api import HERE, INPATIENT, Case, CaseInvalid, Rules, Split, after, plan_of, settle


class Row(NamedTuple):
    """One settlement as it is sent to a process; ``institution`` and ``person`` are places in lists."""

    institution: int
    kind: str
    place: str
    level: str
    total: int
    own: int
    over: int
    first: int
    in_scope: int
    identities: str
    disease: str


@dataclass(slots=True)
class Part:
    """Sums of a part of the people: by institution (settlements, pool and person before and after), by person, and what could not be settled."""

    institutions: dict[int, list[int]] = field(default_factory=dict)
    people: dict[int, list[int]] = field(default_factory=dict)
    settled: int = 0
    unsettled: int = 0


def again(now: Mapping[str, Any], then: Mapping[str, Any], people: Sequence[tuple[int, Sequence[Row]]]) -> Part:
    """Each person's year under both plans; ``now`` and ``then`` are plan documents."""
    plan, changed, part = plan_of(dict(now)), plan_of(dict(then)), Part()
    for person, rows in people:
        _person(plan, changed, person, rows, part)
    return part


def _person(plan: Rules, changed: Rules, person: int, rows: Iterable[Row], part: Part) -> None:
    before: dict[str, int] = {}
    later: dict[str, int] = {}
    sums = [0, 0]
    for row in rows:
        case = case_of(row)
        try:
            one, other = (
                settle(plan, _counted(case, plan, before), before),
                settle(changed, _counted(case, changed, later), later),
            )
        except CaseInvalid:
            part.unsettled += 1
            continue
        before, later = after(before, one), after(later, other)
        mine = part.institutions.setdefault(row.institution, [0] * 7)
        for place, value in enumerate((1, one.pool, other.pool, one.person, other.person, one.funds, other.funds)):
            mine[place] += value
        sums[0] += one.person
        sums[1] += other.person
        part.settled += 1
    part.people[person] = sums


def case_of(row: Row) -> Case:
    """The case of a settlement."""
    return Case(
        row.kind, Split(row.total, row.own, row.over, row.first, row.in_scope), row.level,
        place=HERE if row.place == "inside" else row.place,
        identities=frozenset(row.identities.split("|")) if row.identities else frozenset(), disease=row.disease,
    )  # fmt: skip


def _counted(case: Case, rules: Rules, sums: Mapping[str, int]) -> Case:
    if case.kind != INPATIENT:
        return case
    by_level = rules.plan.inpatient.repeat.by == "level"
    return case._replace(admission=sums.get("admissions:" + case.level if by_level else "admissions", 0) + 1)


def changed_plan(document: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The plan with changes applied to a copy. A change names the benefit (``inpatient`` or an outpatient code), the level and a new
    ``deductible`` (yuan) or ``ratio`` (0 to 1), both as text. LookupError when the plan has no such row."""
    plan = copy.deepcopy(dict(document))
    plan["version"] = f"{plan['version']}-试算"[:20]
    for change in changes:
        levels = (
            plan["inpatient"]["levels"] if change["kind"] == INPATIENT else _benefit(plan, change["kind"])["levels"]
        )
        row = next(one for one in levels if one["level"] in (change["level"], "*"))
        for name in ("deductible", "ratio"):
            if change.get(name) not in (None, ""):
                row[name] = change[name]
                if name == "ratio" and row.get("bands"):
                    row["bands"] = []
    return plan


def _benefit(plan: Mapping[str, Any], code: str) -> Any:
    return next(one for one in plan["outpatient"] if one["code"] == code)


def joined(parts: Iterable[Part]) -> Part:
    """Parts of the people together."""
    whole = Part()
    for part in parts:
        for key, values in part.institutions.items():
            mine = whole.institutions.setdefault(key, [0] * 7)
            for place, value in enumerate(values):
                mine[place] += value
        whole.people |= part.people
        whole.settled += part.settled
        whole.unsettled += part.unsettled
    return whole


def spread(changes: Sequence[int]) -> list[tuple[str, int]]:
    """How many people pay so much less or more: bars from the greatest gain to the greatest loss (fen in, words out)."""
    words = ("少付 1000 元以上", "少付 200–1000 元", "少付 50–200 元", "少付 50 元以内", "不变", "多付 50 元以内", "多付 50–200 元",
             "多付 200–1000 元", "多付 1000 元以上")  # fmt: skip
    counts = [0] * len(words)
    for change in changes:
        counts[_bar(change)] += 1
    return list(zip(words, counts, strict=True))


def _bar(change: int) -> int:
    if change == 0:
        return 4
    size = abs(change)
    step = 1 if size <= 5_000 else 2 if size <= 20_000 else 3 if size <= 100_000 else 4
    return 4 - step if change < 0 else 4 + step
