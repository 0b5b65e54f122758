"""Rooms whose things travel say here what moves along with a consignment."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from yigong.core.actor import Actor


@dataclass(frozen=True)
class Carried:
    """A kind of goods (a code of the pack) and its room. ``moved(key, action, actor)`` runs inside the transaction of each step of a
    consignment (``load``, ``deliver``, …); ``page`` is the room's own page of a consignment, asked with its key."""

    code: str
    moved: Callable[[UUID, str, Actor], None] | None = None
    page: str = ""


_carried: dict[str, Carried] = {}


def declare_goods(carried: Carried) -> None:
    """Called once in the room's ``apps.ready``."""
    _carried[carried.code] = carried


def carried_as(kind: str) -> Carried:
    """Who owns this kind of goods; nobody where it is booked by hand."""
    return _carried.get(kind, Carried(kind))
