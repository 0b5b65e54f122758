"""The definitions of the packs: what can be ordered, stains, fixatives, limits."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from yigong.centres.pathology.rules.fixation import Limits
from yigong.core.packs import api as packs
from yigong.core.pinyin import initials
from yigong.orders.data import CatalogueItem, OrderData


class Item(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One row of ``pathology-items.csv``: ``letter`` begins the pathology number, ``form`` is the structured part of the report, ``fixation``
    the class of fixation times, ``large`` a specimen that may take longer to the fixative, ``product`` what is made of a container (block,
    slide or none), ``stain`` the first stain of each. Price in fen."""

    code: str
    name: str
    group: str
    part: str
    letter: str
    product: str
    source: str
    certainty: str
    price: int | None = None
    stain: str = ""
    form: str = ""
    fixation: str = "general"
    large: bool = False
    note: str = ""

    @property
    def is_cut(self) -> bool:
        """Whether anything is made of its containers here."""
        return self.product != "none"


class Stain(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One row of ``pathology-stains.csv``; ``kind``: HE, cytology, special, IHC."""

    code: str
    name: str
    kind: str
    source: str
    certainty: str


class Fixative(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a specimen lies in; ``fixes`` is False where nothing is fixed (fresh tissue, slides from elsewhere)."""

    label: str
    fixes: bool = True


class FixationPack(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Limits of one class of tissue."""

    cold_minutes: int
    cold_minutes_large: int
    shortest_hours: int
    longest_hours: int


class RulesPack(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/pathology/rules.toml``."""

    code: str
    version: str
    effective_from: date
    title: str
    fixatives: dict[str, Fixative]
    fixation: dict[str, FixationPack]
    decalcify_hours: int
    keep_gross_days: int
    keep_years: int
    loan_days: int
    loan_deposit: int
    relations: list[str]


ITEMS = packs.register(packs.Table("pathology-items", "pathology-items.csv", Item))
STAINS = packs.register(packs.Table("pathology-stains", "pathology-stains.csv", Stain))
RULES = packs.register(packs.Kind("pathology-rules", "pathology/rules.toml", RulesPack))
FROZEN, CONSULT = "FROZEN", "CONSULT"
"""Groups of items with a way of their own."""


def items() -> Mapping[str, Item]:
    """All orderable items by code."""
    return packs.rows(ITEMS)


def stains() -> Mapping[str, Stain]:
    """All stains by code."""
    return packs.rows(STAINS)


def rules() -> RulesPack:
    """The rules in force today."""
    return packs.current(RULES, "pathology-rules")


@lru_cache(maxsize=1)
def catalogue() -> tuple[CatalogueItem, ...]:
    """What the order page offers."""
    return tuple(
        CatalogueItem(i.code, i.name, initials(i.name), i.group, i.part, i.price, 0, i.note) for i in items().values()
    )


def item_of(order: OrderData) -> Item:
    """The first item of an order decides how its specimens are worked up; an unknown one goes the way of the first of the list."""
    known = items()
    return next((known[i.code] for i in order.items if i.code in known), next(iter(known.values())))


def form_of(order: OrderData) -> str:
    """Which form is the structured part of this order's report."""
    return item_of(order).form


def limits(item: Item) -> Limits:
    """The limits of fixation for an item."""
    given = rules().fixation.get(item.fixation) or rules().fixation["general"]
    cold = given.cold_minutes_large if item.large else given.cold_minutes
    hours = timedelta(hours=given.shortest_hours), timedelta(hours=given.longest_hours)
    return Limits(timedelta(minutes=cold), *hours)
