"""Questions to the doctor about documentation. Pure: a question is made only from rows of the record, and carries them.

They ask whether the record says something; they never name a code to choose nor what it would be worth.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

from yigong.core.packs.api import Kind, current, register, rows
from yigong.insurance.claims.data import EvidenceRow, Question
from yigong.insurance.claims.rules.content import any_of
from yigong.insurance.claims.rules.definitions import PROCEDURES


class Limit(msgspec.Struct, forbid_unknown_fields=True):
    """A laboratory value outside a limit."""

    code: str
    name: str
    below: str = ""
    above: str = ""

    def __post_init__(self) -> None:
        if bool(self.below) == bool(self.above):
            raise ValueError("below 和 above 应填写且只填写一项")
        try:
            Decimal(self.below or self.above)
        except InvalidOperation:
            raise ValueError(f"界值 {self.below or self.above!r} 不是数") from None


class Asking(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """When to ask: none of the ``absent`` diagnoses is coded, and every kind of evidence named here is there."""

    key: str
    absent: list[str]
    text: str
    result: Limit | None = None
    items: list[str] = []
    medicines: list[str] = []

    def __post_init__(self) -> None:
        if not (self.result or self.items or self.medicines):
            raise ValueError("至少写明一类依据：result、items 或 medicines")


class QuestionSet(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All questions with their source; ``unspecific`` is the pattern of codes that leave something open."""

    code: str
    version: str
    effective_from: date
    title: str
    source: str
    certainty: str
    unspecific: str
    questions: list[Asking]


QUESTIONS: Kind[QuestionSet] = register(Kind("coding_questions", "coding-questions*.toml", QuestionSet))


@dataclass(frozen=True, slots=True)
class Value:
    """One laboratory value of the stay."""

    code: str
    name: str
    value: Decimal | None
    shown: str
    on: str


@dataclass(frozen=True, slots=True)
class Charged:
    """One charged item of the stay; ``medicine`` for drugs."""

    item: str
    name: str
    on: str = ""
    medicine: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """What questions look at. Diagnoses and procedures are (code, name), the principal first; ``known_codes`` are those of the scheme."""

    diagnoses: Sequence[tuple[str, str]]
    procedures: Sequence[tuple[str, str]]
    values: Sequence[Value]
    charges: Sequence[Charged]
    misfit: bool
    known_codes: frozenset[str] = frozenset()


def questions(stay: Stay, on: date) -> list[Question]:
    """All questions that the record itself raises, each with its evidence."""
    found = [*_open_codes(stay, on), *_documentation(stay, on), *_charged(stay), *_misfit(stay)]
    return [question for question in found if question.evidence]


def _open_codes(stay: Stay, on: date) -> Iterable[Question]:
    """A code that leaves site, cause or kind open, where the scheme knows others of the same category."""
    pattern = re.compile(current(QUESTIONS, "national", on).unspecific)
    for code, name in stay.diagnoses:
        others = [one for one in stay.known_codes if one[:3] == code[:3] and one != code and not pattern.search(one)]
        if pattern.search(code) and others:
            text = f"诊断“{name}”没有写明部位、病因或类型：病历中是否已有依据，可以写得更具体？"
            yield Question(f"open:{code}", "unspecific", text, (EvidenceRow("front_page", f"首页诊断 {code} {name}"),))


def _documentation(stay: Stay, on: date) -> Iterable[Question]:
    codes = [code for code, _name in stay.diagnoses]
    for asking in current(QUESTIONS, "national", on).questions:
        evidence = _evidence(asking, stay)
        if evidence and not any_of(codes, asking.absent):
            yield Question(f"doc:{asking.key}", "documentation", asking.text, evidence)


def _evidence(asking: Asking, stay: Stay) -> tuple[EvidenceRow, ...]:
    """The rows that meet each kind of evidence asked for; none when one kind is missing."""
    parts: list[list[EvidenceRow]] = []
    if asking.result:
        parts.append(
            [EvidenceRow("result", f"{v.name} {v.shown}", v.on) for v in stay.values if _outside(v, asking.result)]
        )
    if asking.items:
        parts.append([EvidenceRow("charge", f"收费：{c.name}", c.on) for c in stay.charges if c.item in asking.items])
    if asking.medicines:
        wanted = tuple(asking.medicines)
        given = [c for c in stay.charges if c.medicine and c.name.startswith(wanted)]
        parts.append([EvidenceRow("medicine", f"用药：{c.name}", c.on) for c in given])
    return tuple(row for part in parts for row in part) if all(parts) else ()


def _outside(value: Value, limit: Limit) -> bool:
    if value.code != limit.code or value.value is None:
        return False
    return value.value < Decimal(limit.below) if limit.below else value.value > Decimal(limit.above)


def _charged(stay: Stay) -> Iterable[Question]:
    """An operation on the bill that the front page does not tell of."""
    codes = [code for code, _name in stay.procedures]
    for one in stay.charges:
        row = rows(PROCEDURES).get(one.item)
        if row and not any_of(codes, row.codes):
            text = f"账单收取了“{one.name}”，首页没有相应的手术操作：是否做了、记录是否齐全？没有做应退费。"
            yield Question(
                f"charged:{one.item}", "charged", text, (EvidenceRow("charge", f"收费：{one.name}", one.on),)
            )


def _misfit(stay: Stay) -> Iterable[Question]:
    """The principal diagnosis does not explain the main operation."""
    if stay.misfit and stay.diagnoses and stay.procedures:
        (code, name), (operation, operation_name) = stay.diagnoses[0], stay.procedures[0]
        text = f"主要诊断“{name}”与主要手术“{operation_name}”对不上：本次住院主要治疗的是哪一种疾病，病历是否写明？"
        evidence = (
            EvidenceRow("front_page", f"主要诊断 {code} {name}"),
            EvidenceRow("front_page", f"主要手术 {operation} {operation_name}"),
        )
        yield Question(f"misfit:{code}:{operation}"[:80], "misfit", text, evidence)
