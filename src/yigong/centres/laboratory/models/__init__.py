"""Tables of the laboratory."""

from yigong.centres.laboratory.models.quality import ControlLot, ControlPoint, ControlTarget, Instrument, QualityHold
from yigong.centres.laboratory.models.results import TestResult
from yigong.centres.laboratory.models.tubes import OutsideLaboratory, Tube

__all__ = [
    "ControlLot",
    "ControlPoint",
    "ControlTarget",
    "Instrument",
    "OutsideLaboratory",
    "QualityHold",
    "TestResult",
    "Tube",
]
