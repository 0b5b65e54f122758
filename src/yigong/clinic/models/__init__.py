"""Tables of the desk work, by subject: visits, bills, stays, front pages."""

from yigong.clinic.models.bills import Bill, ChargeLine
from yigong.clinic.models.front_pages import FrontPage, FrontPageDiagnosis, FrontPageProcedure
from yigong.clinic.models.stays import Bed, Stay, StayPlace
from yigong.clinic.models.visits import Session, Visit, VisitDiagnosis

__all__ = [
    "Bed",
    "Bill",
    "ChargeLine",
    "FrontPage",
    "FrontPageDiagnosis",
    "FrontPageProcedure",
    "Session",
    "Stay",
    "StayPlace",
    "Visit",
    "VisitDiagnosis",
]
