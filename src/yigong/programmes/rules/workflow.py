"""The states of an enrolment, of a lot of vaccine and of its recall, of a syndromic alarm, and of what an institution planned for its year."""

from django.utils.translation import gettext_noop as _

from yigong.core.states.api import State, StateTable, Step
from yigong.programmes import policies

ENROLMENT = StateTable(
    name="programme_enrolment",
    states={"active": State(_("在管")), "ended": State(_("已结案"))},
    steps=[
        Step("transfer", {"active"}, "active", _("转出管理"), permission=policies.WORK, reason_required=True),
        Step("amend", {"active"}, "active", _("修改纳入信息"), permission=policies.WORK, reason_required=True),
        Step("end", {"active"}, "ended", _("结案"), permission=policies.WORK, reason_required=True),
        Step("close", {"active"}, "ended", _("自动结案"), system_only=True),
        Step("reopen", {"ended"}, "active", _("恢复管理"), permission=policies.WORK, reason_required=True),
        Step("revive", {"ended"}, "active", _("自动恢复"), system_only=True),
    ],
)

VACCINE_LOT = StateTable(
    name="programme_vaccine_lot",
    states={
        "usable": State(_("可用")), "held": State(_("超温待判定")), "stopped": State(_("暂停使用")), "recalled": State(_("已召回")),
        "discarded": State(_("已报废")),
    },
    steps=[
        # By what was found where it lies, never by a button; a person with the right to judge lets it go or throws it away.
        Step("hold", {"usable", "stopped", "held"}, "held", _("停用待判定"), permission=policies.SITES, reason_required=True),
        Step("release", {"held"}, "usable", _("判定可用"), permission=policies.RECALL, reason_required=True),
        Step("discard", {"held", "recalled"}, "discarded", _("判定报废"), permission=policies.RECALL, reason_required=True),
        Step("restock", {"discarded"}, "usable", _("重新入库"), permission=policies.VACCINES),
        Step("stop", {"usable"}, "stopped", _("暂停使用"), permission=policies.VACCINES, reason_required=True),
        Step("free", {"stopped"}, "usable", _("恢复使用"), permission=policies.VACCINES, reason_required=True),
        Step("recall", {"usable", "held", "stopped"}, "recalled", _("召回"), permission=policies.RECALL, reason_required=True),
        Step("lift", {"recalled"}, "usable", _("解除召回"), permission=policies.RECALL, reason_required=True),
    ],
)  # fmt: skip

RECALL = StateTable(
    name="programme_recall",
    states={"open": State(_("召回中")), "closed": State(_("已办结")), "lifted": State(_("已解除"), final=True)},
    steps=[
        Step("extend", {"open", "closed"}, "open", _("扩大召回"), permission=policies.RECALL, reason_required=True),
        Step("finish", {"open"}, "closed", _("自动办结"), system_only=True),
        Step("resume", {"closed"}, "open", _("重新打开"), system_only=True),
        Step("close", {"open"}, "closed", _("结束召回"), permission=policies.RECALL, reason_required=True),
        Step("lift", {"open", "closed"}, "lifted", _("解除召回"), permission=policies.RECALL, reason_required=True),
    ],
)  # fmt: skip

SYNDROME_ALARM = StateTable(
    name="programme_syndrome_alarm",
    states={"open": State(_("待核实")), "resolved": State(_("已核实"), final=True)},
    steps=[Step("resolve", {"open"}, "resolved", _("核实"), permission=policies.WARNINGS, reason_required=True)],
)

PLANNED = StateTable(
    name="programme_planned_activity",
    states={"planned": State(_("计划中")), "done": State(_("已完成")), "dropped": State(_("已取消"))},
    steps=[
        Step("move", {"planned"}, "planned", _("改期"), permission=policies.SITES, reason_required=True),
        Step("meet", {"planned"}, "done", _("完成"), permission=policies.SITES),
        Step("undo", {"done"}, "planned", _("记录作废"), permission=policies.SITES, reason_required=True),
        Step("drop", {"planned"}, "dropped", _("取消"), permission=policies.SITES, reason_required=True),
        Step("restore", {"dropped"}, "planned", _("恢复"), permission=policies.SITES),
    ],
)
