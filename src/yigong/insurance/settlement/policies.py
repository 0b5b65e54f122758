"""Rights of the counter and of the insurance office. Reading about a person is decided and logged through ``residents`` besides."""

from uuid import UUID

from yigong.core.actor import Actor
from yigong.core.rights import declare
from yigong.network import api as network

_COUNTER = {"registrar", "insurance_clerk", "gp", "village_doctor"}

CHARGE = declare("settlement.charge", "收费结算与退费", roles=_COUNTER)
READ = declare("settlement.read", "查看结算单", roles=_COUNTER | {"director"})
RESOLVE = declare("settlement.resolve", "处理结算差异与对账", roles={"insurance_clerk"})
CLOSE_MONTH = declare("settlement.close_month", "月结关账", roles={"insurance_clerk"})
CORRECT = declare("settlement.correct", "冲正已关账月份的结算", roles={"insurance_clerk"})


def places(actor: Actor) -> frozenset[UUID]:
    """Whose settlements the actor reads, clears up and takes back: the own institution's; the insurance office of the leading house acts for every
    member, since a township has no such office."""
    if actor.institution_id is None or not actor.has(RESOLVE):
        return frozenset(actor.institution_ids)
    return frozenset(actor.institution_ids) | network.led_by(actor.institution_id)
