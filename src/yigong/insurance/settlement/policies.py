"""Rights of the counter and of the insurance office. Reading about a person is decided and logged through ``residents`` besides."""

from yigong.core.rights import declare

_COUNTER = {"registrar", "insurance_clerk", "gp", "village_doctor"}

CHARGE = declare("settlement.charge", "收费结算与退费", roles=_COUNTER)
READ = declare("settlement.read", "查看结算单", roles=_COUNTER | {"director"})
RESOLVE = declare("settlement.resolve", "处理结算差异与对账", roles={"insurance_clerk"})
CLOSE_MONTH = declare("settlement.close_month", "月结关账", roles={"insurance_clerk"})
CORRECT = declare("settlement.correct", "冲正已关账月份的结算", roles={"insurance_clerk"})
