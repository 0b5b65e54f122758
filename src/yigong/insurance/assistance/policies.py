"""Rights of assistance. Paying reads the person's categories of one day, which is decided and logged by the payment itself."""

from yigong.access.api import declare

READ = declare("assistance.read", "查看医疗救助资金", roles={"insurance_clerk", "director", "bureau"})
PAY = declare("assistance.pay", "支付与收回医疗救助", roles={"insurance_clerk"})
FUND = declare("assistance.fund", "拨入救助资金", roles={"bureau"})
RECONCILE = declare("assistance.reconcile", "核对民政名册", roles={"insurance_clerk"})
