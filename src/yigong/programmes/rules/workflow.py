"""The states of an enrolment."""

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
