"""Tables of the desk work, by subject: visits, bills, stays, front pages, what the past cost."""

from yigong.clinic.models.bills import Bill, ChargeLine
from yigong.clinic.models.front_pages import FrontPage, FrontPageDiagnosis, FrontPageProcedure
from yigong.clinic.models.past import PastCharge
from yigong.clinic.models.stays import Bed, Stay, StayPlace
from yigong.clinic.models.visits import Session, Visit, VisitDiagnosis

__all__ = [
    "Bed",
    "Bill",
    "ChargeLine",
    "FrontPage",
    "FrontPageDiagnosis",
    "FrontPageProcedure",
    "PastCharge",
    "Session",
    "Stay",
    "StayPlace",
    "Visit",
    "VisitDiagnosis",
]
