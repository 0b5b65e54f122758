"""Orders, reports and critical values, as other rooms see them; and how a centre declares its service."""

from yigong.orders.data.reports import CriticalData, Finding, ReportData, VersionData
from yigong.orders.data.requests import (
    Clinical,
    EarlierResult,
    ItemInput,
    OrderData,
    OrderDraft,
    Placed,
    RecognitionData,
    RecognitionFigures,
)
from yigong.orders.data.services import (
    Asked,
    CatalogueItem,
    Clocks,
    Question,
    ReportPicture,
    Rights,
    Section,
    ServiceDefinition,
    ViewerLink,
)
from yigong.orders.data.templates import ReportTemplate, RequestPart, TemplateText
from yigong.orders.data.worklists import (
    ModalityItem,
    Statistics,
    StudyIdentity,
    StudyMatch,
    WorklistFilters,
    WorklistRow,
)

__all__ = [
    "Asked",
    "CatalogueItem",
    "Clinical",
    "Clocks",
    "CriticalData",
    "EarlierResult",
    "Finding",
    "ItemInput",
    "ModalityItem",
    "OrderData",
    "OrderDraft",
    "Placed",
    "Question",
    "RecognitionData",
    "RecognitionFigures",
    "ReportData",
    "ReportPicture",
    "ReportTemplate",
    "RequestPart",
    "Rights",
    "Section",
    "ServiceDefinition",
    "Statistics",
    "StudyIdentity",
    "StudyMatch",
    "TemplateText",
    "VersionData",
    "ViewerLink",
    "WorklistFilters",
    "WorklistRow",
]
