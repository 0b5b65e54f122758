"""Mutual recognition: lists by level, equivalent items, reasons, and which results may be offered. Pure but for reading the pack."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from yigong.core.packs import api as packs
from yigong.core.packs.api import Kind

LEVELS = ("community", "county", "city", "province")


class RecognitionList(msgspec.Struct, forbid_unknown_fields=True, rename={"since": "from"}):
    """What one level recognises, between two dates: kinds of items of a service, and single items."""

    level: str
    service: str
    since: date
    until: date | None = None
    groups: list[str] = []
    items: list[str] = []

    def holds(self, service: str, code: str, group: str, on: date) -> bool:
        """Whether an item is on this list on a day."""
        if service != self.service or on < self.since or (self.until is not None and on >= self.until):
            return False
        return code in self.items or group in self.groups


class Equivalent(msgspec.Struct, forbid_unknown_fields=True):
    """A result of one item answers for other items."""

    result: str
    instead_of: list[str]


class EqaPack(msgspec.Struct, forbid_unknown_fields=True):
    """Groups as ``service:group`` whose recognition needs external quality assessment."""

    required: list[str] = []


class RecognitionPack(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/recognition.toml``."""

    code: str
    version: str
    effective_from: date
    title: str
    reasons: dict[str, str]
    marks: dict[str, str]
    lists: list[RecognitionList] = []
    equivalents: list[Equivalent] = []
    eqa: EqaPack = msgspec.field(default_factory=EqaPack)


def _check(pack: RecognitionPack) -> Iterable[tuple[str, str]]:
    for place, one in enumerate(pack.lists):
        if one.level not in LEVELS:
            yield f"lists[{place}].level", f"级别只能是 {'、'.join(LEVELS)}"
        if one.until is not None and one.until <= one.since:
            yield f"lists[{place}].until", "失效日期应晚于生效日期"
    if missing := [level for level in LEVELS if level not in pack.marks]:
        yield "marks", f"缺少 {'、'.join(missing)} 的互认标识"


RECOGNITION: Kind[RecognitionPack] = packs.register(Kind("recognition", "recognition.toml", RecognitionPack, _check))


def rules() -> RecognitionPack:
    """The rules in force."""
    return packs.current(RECOGNITION, "recognition")


def answering(pack: RecognitionPack, codes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each ordered code the codes whose results answer for it, itself first."""
    return {
        code: (code, *(one.result for one in pack.equivalents if code in one.instead_of and one.result != code))
        for code in codes
    }


def widest_level(pack: RecognitionPack, *, service: str, code: str, group: str, on: date) -> str:
    """The widest level that recognises an item on a day; empty when none does."""
    found = [
        level for level in LEVELS for one in pack.lists if one.level == level and one.holds(service, code, group, on)
    ]
    return found[-1] if found else ""


def needs_eqa(pack: RecognitionPack, service: str, group: str) -> bool:
    """Whether recognition of this kind of item rests on external quality assessment."""
    return f"{service}:{group}" in pack.eqa.required
