"""The golden view: each field from one source record, with the reason. A pure function of the records of a resident."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yigong.core.packs import api as packs

# Columns that belong together come from the same record: half of one address and half of another is nobody's address.
UNITS: dict[str, tuple[str, ...]] = {
    "name": ("name", "is_newborn"),
    "sex": ("sex",),
    "birth": ("birth_date", "birth_precision"),
    "ethnicity": ("ethnicity",),
    "phone": ("phone",),
    "address": ("division_code", "township", "village", "address"),
}
LABELS = {
    "name": gettext_noop("姓名"),
    "sex": gettext_noop("性别"),
    "birth": gettext_noop("出生日期"),
    "ethnicity": gettext_noop("民族"),
    "phone": gettext_noop("电话"),
    "address": gettext_noop("住址"),
}
REASONS = {
    "corrected": gettext_noop("人工更正优先"),
    "verified": gettext_noop("有核验过的身份证件"),
    "precise": gettext_noop("出生日期准确到日"),
    "level": gettext_noop("登记机构级别较高"),
    "newest": gettext_noop("登记时间较新"),
    "oldest": gettext_noop("登记时间较早"),
}
ONLY = gettext_noop("只有这条来源有此项")
SAME = gettext_noop("各来源一致")
_LEVELS = {"county": 3, "township": 2, "village": 1}
_EMPTY: dict[str, Any] = {
    "sex": "0",
    "birth_date": None,
    "birth_precision": "day",
    "is_newborn": False,
}


class GoldenRules(msgspec.Struct, forbid_unknown_fields=True):
    """For each field the criteria in order."""

    code: str
    version: str
    effective_from: date
    title: str
    fields: dict[str, list[str]]


def _mistakes(rules: GoldenRules) -> Iterable[tuple[str, str]]:
    for name in UNITS.keys() ^ rules.fields.keys():
        yield f"fields.{name}", f"字段应为：{'、'.join(UNITS)}"
    for name, criteria in rules.fields.items():
        yield from (
            (f"fields.{name}", f"没有“{c}”这条标准，可用：{'、'.join(REASONS)}") for c in criteria if c not in REASONS
        )


GOLDEN = packs.register(packs.Kind("residents.golden", "residents/golden.toml", GoldenRules, check=_mistakes))


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one source record says. ``values`` by column, only what it says at all; ``firm`` names the units that correct others."""

    record_id: UUID | None
    at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    firm: frozenset[str] = frozenset()
    verified: bool = False
    level: str = ""

    def says(self, unit: str) -> bool:
        """Whether the record has anything to say about this unit; a correction may say that it is empty."""
        return unit in self.firm or any(self.values.get(c) not in _nothing(c) for c in _telling(unit))

    def value(self, unit: str) -> tuple[Any, ...]:
        """The columns of the unit, absent ones as empty."""
        return tuple(self.values.get(c, _EMPTY.get(c, "")) for c in UNITS[unit])


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the value of a unit comes from: the record (None: nobody says it) and why this one."""

    value: tuple[Any, ...]
    record_id: UUID | None
    why: str


def _telling(unit: str) -> tuple[str, ...]:
    return {"name": ("name",), "birth": ("birth_date",)}.get(unit, UNITS[unit])


def _nothing(column: str) -> tuple[Any, ...]:
    return ("0", "9", "", None) if column == "sex" else ("", None)


def golden(records: Sequence[Contribution], rules: GoldenRules) -> dict[str, Origin]:
    """The value of every unit with its origin."""
    return {unit: _best(unit, records, rules.fields[unit]) for unit in UNITS}


def _best(unit: str, records: Sequence[Contribution], criteria: Sequence[str]) -> Origin:
    saying = [r for r in records if r.says(unit)]
    if not saying:
        return Origin(tuple(_EMPTY.get(c, "") for c in UNITS[unit]), None, "")
    ranked = sorted(saying, key=lambda r: (_rank(r, unit, criteria), str(r.record_id)), reverse=True)
    return Origin(ranked[0].value(unit), ranked[0].record_id, _why(unit, ranked, criteria))


def _rank(r: Contribution, unit: str, criteria: Sequence[str]) -> tuple[float, ...]:
    return tuple(_score(r, unit, c) for c in criteria)


def _score(r: Contribution, unit: str, criterion: str) -> float:
    scores = {
        "corrected": float(unit in r.firm),
        "verified": float(r.verified),
        "precise": float(r.values.get("birth_precision", "day") == "day"),
        "level": float(_LEVELS.get(r.level, 0)),
        "newest": r.at.timestamp(),
        "oldest": -r.at.timestamp(),
    }
    return scores[criterion]


def _why(unit: str, ranked: Sequence[Contribution], criteria: Sequence[str]) -> str:
    """The first criterion that set the winner apart from the best record that says something else."""
    best = ranked[0]
    if len(ranked) == 1:
        return _(REASONS["corrected"]) if unit in best.firm else _(ONLY)
    other = next((r for r in ranked[1:] if r.value(unit) != best.value(unit)), None)
    if other is None:
        return _(SAME)
    for criterion in criteria:
        if _score(best, unit, criterion) != _score(other, unit, criterion):
            return _(REASONS[criterion])
    return _(SAME)
