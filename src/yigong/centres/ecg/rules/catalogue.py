"""The items that can be ordered; a starter list of our own, marked local, that a county replaces by its price list."""

from functools import lru_cache

import msgspec

from yigong.core.packs import api as packs
from yigong.core.pinyin import initials
from yigong.orders.data import CatalogueItem


class EcgItem(msgspec.Struct, forbid_unknown_fields=True):
    """One row of ``ecg-items.csv``; ``price`` in fen."""

    code: str
    name: str
    group: str
    part: str
    price: int | None = None
    validity_days: int = 0
    note: str = ""


ITEMS = packs.register(packs.Table("ecg-items", "ecg-items.csv", EcgItem))


@lru_cache(maxsize=1)
def catalogue() -> tuple[CatalogueItem, ...]:
    """All items in the order of the list."""
    return tuple(
        CatalogueItem(i.code, i.name, initials(i.name), i.group, i.part, i.price, i.validity_days, i.note)
        for i in packs.rows(ITEMS).values()
    )
