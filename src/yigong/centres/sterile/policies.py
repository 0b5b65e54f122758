"""Rights of the sterile supply centre."""

from yigong.access.api import declare

_CENTRE = {"sterile_technician"}
_CLIENTS = {"nurse", "township_manager"}

PROCESS = declare("sterile.process", "处理器械包", roles=_CENTRE)
MONITOR = declare("sterile.monitor", "灭菌监测与放行", roles=_CENTRE)
MANAGE = declare("sterile.manage", "登记器械包和设备", roles=_CENTRE)
REQUEST = declare("sterile.request", "申领无菌包", roles=_CLIENTS)
RECEIVE = declare("sterile.receive", "签收和退回无菌包", roles=_CLIENTS)
USE = declare("sterile.use", "登记无菌包使用", roles={"nurse", "gp", "specialist"})
RECALL = declare("sterile.recall", "处置召回", roles=_CENTRE | {"quality_manager"} | _CLIENTS)
COSTS = declare("sterile.costs", "消毒供应费用", roles=_CENTRE | {"township_manager", "director", "bureau"})
READ = declare(
    "sterile.read",
    "查看无菌包和锅次",
    roles=_CENTRE | _CLIENTS | {"quality_manager", "director", "bureau", "gp", "specialist"},
)
FIGURES = declare(
    "sterile.figures", "消毒供应指标", roles=_CENTRE | {"quality_manager", "director", "bureau", "township_manager"}
)
