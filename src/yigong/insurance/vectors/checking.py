"""Which calculation an example asks for, told from its fields, and how its answer differs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from yigong.core.errors import DomainError
from yigong.insurance.vectors import institutions, residents
from yigong.insurance.vectors.errors import VectorInvalid
from yigong.insurance.vectors.world import Vector, World


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of example: its name, the fields that tell it, and the calculation."""

    name: str
    needs: frozenset[str]
    answer: Callable[[Vector], dict[str, Any]]
    any_of: frozenset[str] = frozenset()

    def takes(self, names: set[str]) -> bool:
        """Whether an input with these fields is of this kind."""
        return self.needs <= names and (not self.any_of or bool(self.any_of & names))


def _kind(name: str, needs: str, answer: Callable[[Vector], dict[str, Any]], any_of: str = "") -> Kind:
    return Kind(name, frozenset(needs.split()), answer, frozenset(any_of.split()))


# The first that fits: kinds with more particular fields come first.
KINDS = [
    _kind("转诊与再次住院", "first then", residents.episode),
    _kind("退费重算", "original returned", residents.give_back),
    _kind("济困减免", "reduction", residents.relief),
    _kind("门诊待遇", "benefit", residents.outpatient, "scp fee items"),
    _kind("DRG 病例", "rw rate cost", institutions.case_by_group),
    _kind("权重与费率", "groups predicted_total_cost", institutions.weights),
    _kind("DRG 指标", "groups discharged", institutions.indices),
    _kind("DIP", "disease_avg_cost cases", institutions.case_by_score),
    _kind("点数", "drg_avg_cost case_cost", institutions.case_by_points),
    _kind("床日", "days bands", institutions.bed_days),
    _kind("按人头", "contracted per_head", institutions.per_head),
    _kind("县域总额", "insured financing_per_head", institutions.package),
    _kind("考核分配", "amount members", institutions.split),
    _kind("超支分担", "package spent bands", institutions.overspend),
    _kind("月度与清算", "month_fund_payable year_fund_payable", institutions.clearing),
    _kind("给定条件的待遇", "ratio", residents.direct, "scp fee items base_after_deductible"),
    _kind("住院待遇", "level", residents.inpatient, "scp fee items"),
    _kind("费用拆分", "items", residents.split_items),
]


@dataclass(frozen=True, slots=True)
class Checked:
    """One example: its kind, and every difference; ``fault`` when it could not be calculated."""

    name: str
    kind: str = ""
    differences: tuple[str, ...] = ()
    fault: str = ""

    @property
    def agrees(self) -> bool:
        """Whether every expected figure was found."""
        return not self.differences and not self.fault


def check(world: World) -> Iterator[Checked]:
    """Every example of a file, one by one."""
    for name in world.names:
        kind = None
        try:
            vector = world.vector(name)
            kind = kind_of(vector)
            found = kind.answer(vector)
        except DomainError as refused:
            yield Checked(name, kind.name if kind else "", fault=str(refused))
        else:
            yield Checked(name, kind.name, tuple(differences(vector.expected, found)))


def kind_of(vector: Vector) -> Kind:
    """The kind of an example by the fields of its input."""
    names = vector.input.names()
    kind = next((one for one in KINDS if one.takes(names)), None)
    if kind is None:
        raise VectorInvalid(
            f"不认识的算例种类：input 的字段是 {'、'.join(sorted(names)) or '无'}；已知种类：{'、'.join(one.name for one in KINDS)}"
        )
    return kind


def differences(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """Where an answer is not as expected; figures that the example does not name are not looked at."""
    if isinstance(expected, dict):
        yield from _in_object(expected, found, path)
    elif isinstance(expected, list):
        yield from _in_list(expected, found, path)
    elif not _same(expected, found):
        yield f"{path}：应为 {expected}，算得 {_shown(found)}"


def _in_object(expected: dict[str, Any], found: Any, path: str) -> Iterator[str]:
    if not isinstance(found, dict):
        yield f"{path}：应为一组结果，算得 {_shown(found)}"
        return
    for name, value in expected.items():
        place = f"{path}.{name}" if path else name
        if name in found:
            yield from differences(value, found[name], place)
        else:
            yield f"{place}：不认识的结果字段（这里可用的有：{'、'.join(map(str, found))}）"


def _in_list(expected: list[Any], found: Any, path: str) -> Iterator[str]:
    if not isinstance(found, list) or len(expected) != len(found):
        yield f"{path}：应为 {len(expected)} 项，算得 {len(found) if isinstance(found, list) else _shown(found)}"
        return
    for place, (one, other) in enumerate(zip(expected, found, strict=True)):
        yield from differences(one, other, f"{path}[{place}]")


def _same(expected: Any, found: Any) -> bool:
    one, other = _number(expected), _number(found)
    return expected == found if one is None or other is None else one == other


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def _shown(found: Any) -> str:
    number = _number(found)
    return str(found) if number is None else f"{number:f}"
