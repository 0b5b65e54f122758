"""What other rooms keep about residents: each room says how many rows, and whether something is under way.

    register_holder(Holder("orders", _("检查检验申请"), count=lambda ids: …, active=lambda ids: …))

Nothing of it is moved by a merge: rows keep the key they were written with and rooms follow ``identities``. The counts are shown before a
change of links; something under way (an open order, an unsettled bill) makes a merge a matter of two persons.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from yigong.residents.data import Holding

Count = Callable[[Collection[UUID]], int]
_holders: dict[str, "Holder"] = {}


@dataclass(frozen=True, slots=True)
class Holder:
    """One kind of rows of one room. ``count`` and ``active`` take resident keys; ``active`` counts what is under way."""

    name: str
    label: Any
    count: Count
    active: Count | None = None
    order: int = 100


def register_holder(holder: Holder) -> None:
    """Declare rows about residents (call it in ``apps.ready``); the same name replaces."""
    _holders[holder.name] = holder


def holdings_of(ids: Collection[UUID]) -> list[Holding]:
    """What every room keeps under these keys, rooms with nothing left out."""
    found = []
    for holder in sorted(_holders.values(), key=lambda h: (h.order, h.name)):
        rows = holder.count(ids)
        if rows:
            found.append(Holding(str(holder.label), rows, holder.active(ids) if holder.active else 0))
    return found


def under_way(ids: Collection[UUID]) -> list[Holding]:
    """What is not finished yet: the reason for a second person."""
    found = [(h, h.active(ids)) for h in _holders.values() if h.active]
    return [Holding(str(h.label), active, active) for h, active in found if active]
