"""The tables of this room: people under management, places with what was done there and for the public, lots of vaccine."""

from yigong.programmes.models.draws import SampleDraw
from yigong.programmes.models.medicines import MedicineUse
from yigong.programmes.models.people import (
    Attempt,
    Candidate,
    Check,
    Due,
    Enrolment,
    Hold,
    Notice,
    Standing,
    Trial,
    TrialRow,
    Upkeep,
    Visit,
)
from yigong.programmes.models.plans import PlannedActivity
from yigong.programmes.models.recalls import Recall, RecallContact
from yigong.programmes.models.sites import Site, SiteDue, SitePicture, SiteRecord
from yigong.programmes.models.vaccines import Dose, LotStay, VaccineLot
from yigong.programmes.models.warnings import SyndromeAlarm, SyndromeDay

__all__ = [
    "Attempt",
    "Candidate",
    "Check",
    "Dose",
    "Due",
    "Enrolment",
    "Hold",
    "LotStay",
    "MedicineUse",
    "Notice",
    "PlannedActivity",
    "Recall",
    "RecallContact",
    "SampleDraw",
    "Site",
    "SiteDue",
    "SitePicture",
    "SiteRecord",
    "Standing",
    "SyndromeAlarm",
    "SyndromeDay",
    "Trial",
    "TrialRow",
    "Upkeep",
    "VaccineLot",
    "Visit",
]
