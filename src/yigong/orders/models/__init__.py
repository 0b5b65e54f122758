"""Tables of the order mechanism, by subject."""

from yigong.orders.models.critical import CriticalValue
from yigong.orders.models.orders import Attachment, Order, OrderItem, OrderStudy
from yigong.orders.models.quality import QualityRound, QualitySample
from yigong.orders.models.recognition import QualityAssessment, Recognition, RepeatFinding
from yigong.orders.models.reports import Report, ReportReceipt, ReportVersion
from yigong.orders.models.templates import TextTemplate, TextTemplateUse, TextTemplateVersion

__all__ = [
    "Attachment",
    "CriticalValue",
    "Order",
    "OrderItem",
    "OrderStudy",
    "QualityAssessment",
    "QualityRound",
    "QualitySample",
    "Recognition",
    "RepeatFinding",
    "Report",
    "ReportReceipt",
    "ReportVersion",
    "TextTemplate",
    "TextTemplateUse",
    "TextTemplateVersion",
]
