"""Tables of the laboratory."""

from yigong.centres.laboratory.models.quality import ControlLot, ControlPoint, ControlTarget, Instrument, QualityHold
from yigong.centres.laboratory.models.results import TestResult
from yigong.centres.laboratory.models.tubes import Box, OutsideLaboratory, Tube, TubeTemperature

__all__ = [
    "Box",
    "ControlLot",
    "ControlPoint",
    "ControlTarget",
    "Instrument",
    "OutsideLaboratory",
    "QualityHold",
    "TestResult",
    "Tube",
    "TubeTemperature",
]
