"""Who reads, signs and freezes figures. Figures speak of institutions; the rows behind them are shown without persons."""

from uuid import UUID

from yigong.access.api import declare
from yigong.core.actor import Actor
from yigong.network import api as network

READ = declare(
    "indicators.read",
    "查看指标与运行数据",
    roles={"director", "bureau", "township_manager", "quality_manager", "village_doctor", "insurance_clerk"},
)
COUNT = declare("indicators.count", "重新计算指标", roles={"quality_manager"})
SIGN = declare("indicators.sign", "核对签署期间指标", roles={"quality_manager"})
FREEZE = declare("indicators.freeze", "冻结期间指标", roles={"director", "bureau"})
CORRECT = declare("indicators.correct", "更正已冻结的指标", roles={"quality_manager"})


def sees_everything(actor: Actor) -> bool:
    """Whether the actor sees the whole county: the health bureau, and the leading hospital's director and officers."""
    if actor.role == "bureau":
        return True
    if actor.institution_id is None or actor.role not in ("director", "quality_manager", "insurance_clerk"):
        return False
    return network.leads_community(actor.institution_id)


def places_of(actor: Actor) -> set[UUID] | None:
    """Whose figures the actor may read: the own institutions and all they manage; None for the whole county."""
    if sees_everything(actor):
        return None
    return set(network.descendants_of(actor.institution_ids)) if actor.institution_id else set()
