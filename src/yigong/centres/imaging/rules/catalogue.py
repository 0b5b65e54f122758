"""The items that can be ordered; a starter list of our own, marked local, that a county replaces by its price list."""

from functools import lru_cache

import msgspec

from yigong.core.packs import api as packs
from yigong.core.pinyin import initials
from yigong.orders.data import CatalogueItem


class ImagingItem(msgspec.Struct, forbid_unknown_fields=True):
    """One row of ``imaging-items.csv``; ``price`` in fen, codes ending in ``-C`` use contrast."""

    code: str
    name: str
    modality: str
    part: str
    price: int | None = None
    validity_days: int = 0
    note: str = ""


ITEMS = packs.register(packs.Table("imaging-items", "imaging-items.csv", ImagingItem))
MODALITIES = {"DR": "DR 摄片", "CT": "CT", "MR": "磁共振", "US": "超声", "MG": "乳腺钼靶"}


@lru_cache(maxsize=1)
def catalogue() -> tuple[CatalogueItem, ...]:
    """All items in the order of the list."""
    return tuple(
        CatalogueItem(i.code, i.name, initials(i.name), i.modality, i.part, i.price, i.validity_days, i.note)
        for i in packs.rows(ITEMS).values()
    )
