"""Rooms with vehicles say here for which missions a telephone may report its position."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from yigong.core.actor import Actor


@dataclass(frozen=True)
class Mission:
    """A kind of mission. ``is_under_way(key)``: positions are taken now; ``is_aboard(key, actor)``: this person is in the vehicle."""

    kind: str
    is_under_way: Callable[[UUID], bool]
    is_aboard: Callable[[UUID, Actor], bool]


_missions: dict[str, Mission] = {}


def declare_mission(mission: Mission) -> None:
    """Called once in the room's ``apps.ready``."""
    _missions[mission.kind] = mission


def mission_of(kind: str) -> Mission | None:
    """Who owns this kind of mission."""
    return _missions.get(kind)
