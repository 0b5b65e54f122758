"""Rights of the fund. Figures speak of institutions; the cases behind them are read with these rights too, without a name of a person."""

from collections.abc import Collection
from uuid import UUID

from yigong.access.api import declare
from yigong.core.actor import Actor
from yigong.network import api as network

READ = declare("budget.read", "查看打包基金", roles={"insurance_clerk", "director", "bureau"})
OWN = declare("budget.own", "查看本机构医保支付", roles={"insurance_clerk", "director", "bureau", "township_manager"})
KEEP = declare("budget.keep", "编制打包总额与导入回流", roles={"insurance_clerk"})
PUBLISH = declare("budget.publish", "发布打包总额与支付权重", roles={"director", "bureau"})
ASK = declare("budget.ask", "申请特例单议", roles={"insurance_clerk", "township_manager"})
DECIDE = declare("budget.decide", "评审特例与不合理费用", roles={"director", "bureau"})
APPRAISE = declare("budget.appraise", "录入与核对考核结果", roles={"insurance_clerk"})
SIGN = declare("budget.sign", "签署冻结考核结果", roles={"director", "bureau"})
CLEAR = declare("budget.clear", "预付、结清与年度清算", roles={"insurance_clerk"})
WHAT_IF = declare("budget.what_if", "政策试算", roles={"insurance_clerk", "director", "bureau"})


def seen_institutions(actor: Actor) -> Collection[UUID] | None:
    """The institutions whose figures the actor sees; None for all of the county."""
    if actor.is_system or actor.has(READ):
        return None
    return network.descendants_of(actor.institution_ids)


def may_see(actor: Actor, institution_id: UUID) -> bool:
    """Whether the actor sees this institution's figures."""
    seen = seen_institutions(actor)
    return seen is None or institution_id in seen
