"""Positions as pages and other rooms see them. Degrees are WGS-84, distances kilometres, speeds kilometres an hour."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from yigong.core.device import Moment


class PointIn(msgspec.Struct, forbid_unknown_fields=True):
    """One position as a telephone sends it: its own time, accuracy in metres."""

    at: Moment
    latitude: float
    longitude: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Spot:
    """Somewhere."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class PointData:
    """One point of a trail."""

    at: datetime
    spot: Spot
    accuracy: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Where something was last. ``near`` is the nearest institution or village the network knows the coordinates of, None where it knows none;
    ``km`` how far that is in a straight line; ``is_old``: too long ago to reckon with."""

    at: datetime
    minutes: int
    spot: Spot
    accuracy: int
    near: str | None
    km: float | None
    is_near: bool
    is_old: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """When something should be somewhere, reckoned from distance and past speed; ``earliest`` and ``latest`` say how unsure that is."""

    institution_id: UUID
    at: datetime
    earliest: datetime
    latest: datetime
    km: float
    speed: float
    minutes_looked_at: int
    detour: float


@dataclass(frozen=True, slots=True)
class Label:
    """A named thing on a drawing; ``tone`` stop, next, vehicle or old. ``text_y`` is where its name stands without covering another's; empty ``text``
    where there is no room: then only ``title`` says it."""

    x: float
    y: float
    text: str
    text_y: float
    tone: str
    title: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map of our own: trails as SVG paths, labels, and a bar of so many kilometres."""

    width: int
    height: int
    trails: tuple[str, ...]
    labels: tuple[Label, ...]
    bar: float
    bar_km: float
