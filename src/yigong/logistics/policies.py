"""Rights of the logistics room."""

from yigong.access.api import declare

_SENDERS = {
    "village_doctor", "gp", "nurse", "township_manager", "lab_technician", "lab_doctor", "pathology_technician", "sterile_technician",
    "pharmacist", "specialist",
}  # fmt: skip

DISPATCH = declare("logistics.dispatch", "安排物流线路与班次", roles={"logistics_dispatcher"})
DRIVE = declare("logistics.drive", "装卸与运送", roles={"driver"})
SEND = declare("logistics.send", "交运物品", roles=_SENDERS)
RECEIVE = declare("logistics.receive", "签收运到的物品", roles=_SENDERS)
# What nobody sees to climbs to these; they look at it and call somebody.
_ABOVE = {"director", "duty_chief", "quality_manager"}
FOLLOW = declare("logistics.follow", "查看运送", roles=_SENDERS | _ABOVE | {"logistics_dispatcher", "driver"})
FIGURES = declare(
    "logistics.figures", "物流指标", roles={"logistics_dispatcher", "quality_manager", "director", "bureau", "township_manager"}
)  # fmt: skip
