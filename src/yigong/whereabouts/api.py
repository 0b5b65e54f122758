"""The door of whereabouts: rooms with vehicles declare their missions here and ask where they are. Who may see it they decide themselves."""

from yigong.whereabouts.commands import report, switch_off, switch_on
from yigong.whereabouts.data import Drawing, Estimate, PointData, PointIn, Seen, Spot
from yigong.whereabouts.drawing import Drawn, draw
from yigong.whereabouts.missions import Mission, declare_mission
from yigong.whereabouts.queries import estimates, last_seen, reporting, trail_of
from yigong.whereabouts.rules import distance, limits

__all__ = [
    "Drawing",
    "Drawn",
    "Estimate",
    "Mission",
    "PointData",
    "PointIn",
    "Seen",
    "Spot",
    "declare_mission",
    "distance",
    "draw",
    "estimates",
    "last_seen",
    "limits",
    "report",
    "reporting",
    "switch_off",
    "switch_on",
    "trail_of",
]
