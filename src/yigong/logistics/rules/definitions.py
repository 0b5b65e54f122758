"""What the pack says about goods on the road: kinds, temperatures, what may not lie together, troubles."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache

import msgspec
from django.utils.translation import gettext as _

from yigong.core.errors import InvalidInput
from yigong.core.packs import api as packs
from yigong.core.packs.api import Kind


class Band(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A range of temperature under way, in degrees Celsius; without limits anything is within."""

    code: str
    label: str
    low: Decimal | None = None
    high: Decimal | None = None

    def holds(self, celsius: Decimal) -> bool:
        """Whether a reading keeps the range."""
        return (self.low is None or self.low <= celsius) and (self.high is None or celsius <= self.high)


class Goods(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A kind of goods: its bands, the box of the vehicle it usually goes into, whose roles send and receive it."""

    code: str
    label: str
    unit: str
    bands: tuple[str, ...]
    box: str
    sender_roles: tuple[str, ...]
    receiver_roles: tuple[str, ...]


class Word(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A code with its word."""

    code: str
    label: str


class Parameters(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The whole file."""

    code: str
    version: str
    effective_from: date
    title: str
    late_minutes: int
    alarm_minutes: int
    sign_hours: int
    tap_seconds: int
    clock_minutes: int
    most_taps: int
    review_hours: int
    boxes: tuple[str, ...]
    never_together: tuple[tuple[str, ...], ...]
    band: tuple[Band, ...]
    goods: tuple[Goods, ...]
    trouble: tuple[Word, ...]


def _check(one: Parameters) -> Iterable[tuple[str, str]]:
    bands, kinds = {band.code for band in one.band}, {kind.code for kind in one.goods}
    for n, kind in enumerate(one.goods):
        if unknown := set(kind.bands) - bands:
            yield f"goods.{n}.bands", _("没有这样的温度：%(what)s") % {"what": "、".join(sorted(unknown))}
        if kind.box not in one.boxes:
            yield f"goods.{n}.box", _("没有这样的箱：%(what)s") % {"what": kind.box}
    for n, pair in enumerate(one.never_together):
        if len(pair) != 2 or set(pair) - kinds:
            yield f"never_together.{n}", _("请写两种已有的物品")


LOGISTICS = packs.register(Kind("logistics", "logistics.toml", Parameters, _check))


def parameters() -> Parameters:
    """The rules in force today."""
    return packs.current(LOGISTICS, "logistics")


@lru_cache(maxsize=8)
def _index(one: Parameters) -> tuple[dict[str, Band], dict[str, Goods], dict[str, frozenset[str]]]:
    apart: dict[str, set[str]] = {kind.code: set() for kind in one.goods}
    for first, second in one.never_together:
        apart[first].add(second)
        apart[second].add(first)
    found = {code: frozenset(others) for code, others in apart.items()}
    return {b.code: b for b in one.band}, {k.code: k for k in one.goods}, found


def bands() -> dict[str, Band]:
    """Temperatures by code."""
    return _index(parameters())[0]


def goods() -> dict[str, Goods]:
    """Kinds of goods by code."""
    return _index(parameters())[1]


def apart(kind: str) -> frozenset[str]:
    """The kinds that may not lie in one box with this one."""
    return _index(parameters())[2].get(kind, frozenset())


def troubles() -> dict[str, str]:
    """What may hold a run up."""
    return {one.code: one.label for one in parameters().trouble}


def goods_of(code: str) -> Goods:
    """One kind; InvalidInput for an unknown one."""
    if code not in goods():
        raise InvalidInput(errors={"kind": _("请从列表中选择物品种类。")})
    return goods()[code]


def check_band(kind: str, band: str) -> None:
    """A kind travels only at its temperatures."""
    if band not in goods_of(kind).bands:
        raise InvalidInput(errors={"band": _("请选择运送温度。")})
