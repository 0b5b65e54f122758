"""Tables of the emergency centre."""

from yigong.centres.emergency.models.cases import Case, Preparation, TargetClock, TeamCall, TimePoint
from yigong.centres.emergency.models.fleet import CrewSeat, Reservation, Resource, Station, Vehicle
from yigong.centres.emergency.models.measured import Reading, SentTracing
from yigong.centres.emergency.models.runs import CrewMember, Handover, Run

__all__ = [
    "Case",
    "CrewMember",
    "CrewSeat",
    "Handover",
    "Preparation",
    "Reading",
    "Reservation",
    "Resource",
    "Run",
    "SentTracing",
    "Station",
    "TargetClock",
    "TeamCall",
    "TimePoint",
    "Vehicle",
]
