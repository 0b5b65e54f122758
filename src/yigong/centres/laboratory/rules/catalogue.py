"""The definitions of the packs: tubes, analytes, orderable items, reference ranges, declared unit factors and the rules of the house."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

import msgspec

from yigong.core.packs import api as packs
from yigong.core.pinyin import initials
from yigong.orders.data import CatalogueItem, ItemInput


class Tube(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A container by its colour; ``order_of_draw`` is the order in which containers are filled."""

    code: str
    name: str
    colour: str
    order_of_draw: int
    volume_ml: Decimal
    source: str
    certainty: str


class Analyte(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One measured property: analyte, specimen, method and UCUM unit together, never the name alone."""

    code: str
    name: str
    bench: str
    specimen: str
    tube: str
    kind: str
    decimals: int
    source: str
    certainty: str
    loinc: str = ""
    method: str = ""
    unit: str = ""
    normal: str = ""
    critical_low: Decimal | None = None
    critical_high: Decimal | None = None
    delta_percent: Decimal | None = None
    delta_days: int | None = None
    aliases: str = ""

    @property
    def is_number(self) -> bool:
        """Measured in a unit; otherwise reported in words."""
        return self.kind == "number"

    @property
    def may_be_critical(self) -> bool:
        """Whether it has a critical limit."""
        return self.critical_low is not None or self.critical_high is not None


class Item(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What can be ordered: a panel or one analyte, with its price by the level of the institution that asks (fen)."""

    code: str
    name: str
    bench: str
    analytes: str
    price_village: int
    price_township: int
    price_county: int
    validity_days: int
    stable_hours: int
    temperature: str
    source: str
    certainty: str
    note: str = ""

    @property
    def analyte_codes(self) -> tuple[str, ...]:
        """What is measured, in the order of the report."""
        return tuple(self.analytes.split("|"))

    def price(self, level: str) -> int:
        """Fen for an institution of this level."""
        return {"village": self.price_village, "township": self.price_township}.get(level, self.price_county)


class Range(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A reference interval; sex as GB/T 2261.1 (1 male, 2 female), ages in whole years, both ends included."""

    id: str
    analyte: str
    source: str
    certainty: str
    sex: str = ""
    age_from: int | None = None
    age_to: int | None = None
    method: str = ""
    low: Decimal | None = None
    high: Decimal | None = None


class Unit(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A declared factor: one of ``unit`` is ``factor`` of the analyte's own unit."""

    id: str
    analyte: str
    unit: str
    factor: Decimal
    source: str
    certainty: str


class RulesPack(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/laboratory/rules.toml``."""

    code: str
    version: str
    effective_from: date
    title: str
    keep_days: dict[str, int]
    westgard: dict[str, str]
    draw_minutes: dict[str, int]
    loss_reasons: dict[str, str]


TUBES = packs.register(packs.Table("laboratory-tubes", "laboratory-tubes.csv", Tube))
ANALYTES = packs.register(packs.Table("laboratory-analytes", "laboratory-analytes.csv", Analyte))
ITEMS = packs.register(packs.Table("laboratory-items", "laboratory-items.csv", Item))
RANGES = packs.register(packs.Table("laboratory-ranges", "laboratory-ranges.csv", Range, key="id"))
UNITS = packs.register(packs.Table("laboratory-units", "laboratory-units.csv", Unit, key="id"))
RULES = packs.register(packs.Kind("laboratory-rules", "laboratory/rules.toml", RulesPack))


@dataclass(frozen=True, slots=True)
class Need:
    """One container to fill: which, for which bench, from what, and for which ordered items."""

    tube: str
    bench: str
    specimen: str
    items: tuple[str, ...]


def tubes() -> Mapping[str, Tube]:
    """All containers by code."""
    return packs.rows(TUBES)


def analytes() -> Mapping[str, Analyte]:
    """All analytes by code."""
    return packs.rows(ANALYTES)


def items() -> Mapping[str, Item]:
    """All orderable items by code."""
    return packs.rows(ITEMS)


def rules() -> RulesPack:
    """The rules in force today."""
    return packs.current(RULES, "laboratory-rules")


@lru_cache(maxsize=1)
def catalogue() -> tuple[CatalogueItem, ...]:
    """What the order page offers; the price shown there is replaced by the one for the asker's level when the order is placed."""
    return tuple(
        CatalogueItem(
            i.code, i.name, initials(i.name), i.bench, analytes()[i.analyte_codes[0]].specimen, i.price_county,
            i.validity_days, i.note,
        )
        for i in items().values()
    )  # fmt: skip


def priced(item: ItemInput, level: str) -> int | None:
    """What the item costs an institution of this level, in fen; its own price when the list does not know it."""
    known = items().get(item.code)
    return known.price(level) if known else item.price


def measured(codes: Iterable[str]) -> list[Analyte]:
    """Everything that these ordered items measure, each once, in the order of the report."""
    found = {code: None for item in codes if (known := items().get(item)) for code in known.analyte_codes}
    return [analytes()[code] for code in found]


def needs(codes: Sequence[str]) -> list[Need]:
    """The containers to fill for these items, in the order of draw: one for each kind of container and bench."""
    wanted: dict[tuple[str, str, str], list[str]] = {}
    for code, analyte in _each(codes):
        place = wanted.setdefault((analyte.tube, analyte.bench, analyte.specimen), [])
        if code not in place:
            place.append(code)
    found = [Need(tube, bench, specimen, tuple(of)) for (tube, bench, specimen), of in wanted.items()]
    return sorted(found, key=lambda need: (tubes()[need.tube].order_of_draw, need.bench))


def _each(codes: Iterable[str]) -> Iterator[tuple[str, Analyte]]:
    for code in codes:
        if known := items().get(code):
            yield from ((code, analytes()[one]) for one in known.analyte_codes)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Every name an instrument may use for an analyte, upper case: our code, LOINC, aliases."""
    found: dict[str, str] = {}
    for analyte in analytes().values():
        for name in (analyte.code, analyte.loinc, *analyte.aliases.split("|")):
            if name:
                found.setdefault(name.upper(), analyte.code)
    return found


def called(*names: str) -> Analyte | None:
    """The analyte that an instrument calls by one of these names; None when it is none of ours."""
    code = next((_names()[name.strip().upper()] for name in names if name.strip().upper() in _names()), "")
    return analytes().get(code)
