"""Parameters of consultations and the kinds that can be asked for, as packs."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import msgspec
from django.utils.translation import gettext as _

from yigong.core.packs import api as packs
from yigong.core.packs.api import Kind
from yigong.core.pinyin import initials
from yigong.orders.data import CatalogueItem


class Piece(msgspec.Struct, forbid_unknown_fields=True):
    """Something that a file should hold: the kinds of entries and documents that answer for it, not older than ``days``."""

    code: str
    label: str
    kinds: list[str]
    documents: list[str]
    days: int


class AdviceKind(msgspec.Struct, forbid_unknown_fields=True):
    """A category of advice: days until it should be carried out, the urgency of a referral that it proposes, the alarm that it raises."""

    code: str
    label: str
    days: int
    refer: str = ""
    critical: str = ""


class Shares(msgspec.Struct, forbid_unknown_fields=True):
    """Weights of the inviting institution, the centre, the experts' institutions and the experts."""

    inviting: int
    centre: int
    institutions: int
    experts: int


class Parameters(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/consultation.toml``; times in minutes by priority."""

    code: str
    version: str
    effective_from: date
    title: str
    expert_roles: list[str]
    slot_minutes: int
    days_ahead: int
    answer: dict[str, int]
    read_days: int
    on_time: dict[str, int]
    purposes: dict[str, str]
    forms: dict[str, str]
    decline_reasons: dict[str, str]
    pieces: list[Piece]
    shares: Shares
    advice: list[AdviceKind]
    meeting_hosts: list[str] = []

    @property
    def slot(self) -> timedelta:
        """The length of one slot."""
        return timedelta(minutes=self.slot_minutes)


class ConsultationItem(msgspec.Struct, forbid_unknown_fields=True):
    """One row of ``consultation-items.csv``; ``needs`` are codes of pieces between semicolons, ``price`` in fen."""

    code: str
    name: str
    group: str
    price: int | None = None
    needs: str = ""
    minimum_experts: int = 1
    note: str = ""

    @property
    def pieces(self) -> list[str]:
        """The pieces that this kind's file should hold."""
        return [code for code in self.needs.split(";") if code]


def _check(given: Parameters) -> Iterable[tuple[str, str]]:
    if not 5 <= given.slot_minutes <= 240:
        yield "slot_minutes", "一个时段为 5 到 240 分钟"
    if sum((given.shares.inviting, given.shares.centre, given.shares.institutions, given.shares.experts)) <= 0:
        yield "shares", "分成权重不能全部为 0"
    if len({kind.label for kind in given.advice}) != len(given.advice):
        yield "advice", "建议类别的名称不能重复"


PARAMETERS: Kind[Parameters] = packs.register(Kind("consultation", "consultation.toml", Parameters, _check))
ITEMS = packs.register(packs.Table("consultation-items", "consultation-items.csv", ConsultationItem))


def parameters() -> Parameters:
    """The parameters in force."""
    return packs.current(PARAMETERS, "consultation")


def items() -> dict[str, ConsultationItem]:
    """The kinds by code, in the order of the list."""
    return packs.rows(ITEMS)


@lru_cache(maxsize=1)
def catalogue() -> tuple[CatalogueItem, ...]:
    """The kinds as the order mechanism offers them."""
    return tuple(
        CatalogueItem(i.code, i.name, initials(i.name), i.group, "", i.price, 0, i.note) for i in items().values()
    )


def advice_kinds() -> dict[str, AdviceKind]:
    """Categories of advice by code."""
    return {kind.code: kind for kind in parameters().advice}


def choices() -> dict[str, tuple[str, dict[str, str]]]:
    """The choices of the request form besides kind and urgency: field → label, values."""
    known = parameters()
    return {"form": (_("形式"), known.forms), "purpose_code": (_("会诊目的"), known.purposes)}


def pieces() -> dict[str, str]:
    """What a file may hold, by code."""
    return {piece.code: piece.label for piece in parameters().pieces}
