"""The tables of this room: people under management, and places with what was done there and for the public."""

from yigong.programmes.models.people import (
    Attempt,
    Candidate,
    Check,
    Due,
    Enrolment,
    Hold,
    Standing,
    Trial,
    TrialRow,
    Upkeep,
    Visit,
)
from yigong.programmes.models.sites import Site, SiteDue, SiteRecord

__all__ = [
    "Attempt",
    "Candidate",
    "Check",
    "Due",
    "Enrolment",
    "Hold",
    "Site",
    "SiteDue",
    "SiteRecord",
    "Standing",
    "Trial",
    "TrialRow",
    "Upkeep",
    "Visit",
]
