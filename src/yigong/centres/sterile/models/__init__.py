"""Tables of the sterile supply centre."""

from yigong.centres.sterile.models.loads import Load, Machine, MonitoringTest
from yigong.centres.sterile.models.packs import Pack, Round, Scan
from yigong.centres.sterile.models.recalls import Recall, RecallItem
from yigong.centres.sterile.models.supply import Delivery, Shortage, SupplyLine, SupplyRequest

__all__ = [
    "Delivery",
    "Load",
    "Machine",
    "MonitoringTest",
    "Pack",
    "Recall",
    "RecallItem",
    "Round",
    "Scan",
    "Shortage",
    "SupplyLine",
    "SupplyRequest",
]
