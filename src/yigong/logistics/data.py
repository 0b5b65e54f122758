"""Consignments and runs, as pages and other rooms see them."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

import msgspec

from yigong.core.device import Moment


class TapIn(msgspec.Struct, forbid_unknown_fields=True):
    """One tap as a telephone sends it. ``at`` by its clock; ``ahead`` by how many seconds that clock was ahead when it last heard the platform
    before the tap, None where it had not. ``key`` names a stop or a consignment, the other fields go with the action."""

    id: UUID
    run: UUID
    action: str
    at: Moment
    ahead: float | None = None
    key: UUID | None = None
    number: str = ""
    box: str = ""
    celsius: str = ""
    name: str = ""
    strokes: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TapTold:
    """What became of one tap: ``accepted``, ``review``, ``refused`` (told at once, nothing kept) or ``kept`` (stays on the telephone)."""

    id: UUID
    state: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ConsignmentData:
    """One consignment. ``coldest`` and ``warmest`` are None where nobody measured."""

    id: UUID
    number: str
    kind: str
    kind_label: str
    state: str
    state_label: str
    sender_id: UUID
    sender: str
    receiver_id: UUID
    receiver: str
    band: str
    band_label: str
    note: str
    pieces_out: int
    pieces_in: int | None
    packed_by: str
    seal: str
    run_id: UUID | None
    run_number: str
    box: str
    courier: str
    since: datetime
    loaded_at: datetime | None
    arrived_at: datetime | None
    received_at: datetime | None
    received_by: str
    difference: str
    coldest: Decimal | None = None
    warmest: Decimal | None = None
    excursions: int = 0
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class ReadingData:
    """One temperature."""

    consignment_id: UUID
    celsius: Decimal
    is_within: bool
    at: datetime
    recorded_by: str
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class StopPlan:
    """Where a run stops and at which time of day."""

    institution_id: UUID
    at: time


@dataclass(frozen=True, slots=True)
class StopRow:
    """One stop of a run with what is done there. ``expected_at`` is the plan moved by the delay known now."""

    id: UUID
    rank: int
    institution_id: UUID
    name: str
    planned_at: datetime
    expected_at: datetime
    arrived_at: datetime | None
    left_at: datetime | None
    skipped: str
    late: bool
    load: tuple[ConsignmentData, ...] = ()
    unload: tuple[ConsignmentData, ...] = ()

    @property
    def is_over(self) -> bool:
        """Left or passed by."""
        return bool(self.left_at or self.skipped)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run with its stops; ``next`` is the first stop that is not over."""

    id: UUID
    number: str
    name: str
    on: date
    state: str
    state_label: str
    van: str
    driver: str
    driver_id: UUID | None
    why: str
    stops: tuple[StopRow, ...]
    delay: int
    aboard: int

    @property
    def next(self) -> StopRow | None:
        """The stop where the vehicle is or goes next."""
        return next((stop for stop in self.stops if not stop.is_over), None)
