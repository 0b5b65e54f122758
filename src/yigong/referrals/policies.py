"""Who may do what with referrals; being party to one is asked beside, in the state table."""

from yigong.core.rights import declare

_PRIMARY = {"village_doctor", "gp"}
_RECEIVING = {"referral_office", "specialist", "township_manager", "gp"}

READ = declare(
    "referrals.read",
    "查看转诊单",
    roles=_PRIMARY | _RECEIVING | {"nurse", "registrar", "duty_chief", "quality_manager", "director"},
)
REQUEST = declare("referrals.request", "申请转诊", roles=_PRIMARY | {"specialist"})
APPROVE = declare("referrals.approve", "审核本机构转诊", roles={"township_manager", "referral_office"})
RECEIVE = declare("referrals.receive", "接收转诊", roles=_RECEIVING | {"duty_chief", "village_doctor"})
EMERGENCY = declare(
    "referrals.emergency", "应答急诊绿色通道", roles={"nurse", "duty_chief", "referral_office", "specialist"}
)
ARRIVE = declare("referrals.arrive", "登记到诊", roles={"registrar", "nurse", "referral_office", "specialist"})
TREAT = declare("referrals.treat", "诊治与反馈", roles={"specialist", "gp", "village_doctor"})
FOLLOW = declare("referrals.follow", "转诊后随访与办结", roles=_PRIMARY | {"township_manager"})
CANCEL = declare("referrals.cancel", "撤销与召回转诊", roles=_PRIMARY | {"specialist"})
REDIRECT = declare("referrals.redirect", "改转", roles=_PRIMARY | _RECEIVING)
SLOTS = declare("referrals.slots", "发布转诊号源与床位", roles={"referral_office", "township_manager"})
STATISTICS = declare(
    "referrals.statistics",
    "转诊统计",
    roles={"referral_office", "township_manager", "director", "quality_manager", "bureau"},
)
