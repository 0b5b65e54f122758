"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReferralsConfig(AppConfig):
    """Two-way referral."""

    name = "yigong.referrals"

    def ready(self) -> None:
        """Registers the workflow's clocks, the access policy and the task kinds."""
        from yigong.access.api import register_policy
        from yigong.core.figures import register
        from yigong.referrals.queries import reading
        from yigong.referrals.queries.counting import REFERRALS
        from yigong.tasks.api import declare_kind

        register_policy("referral", reading.decide, reading.visible)
        register(REFERRALS)
        for what, label in _KINDS.items():
            declare_kind(f"referral.{what}", label)


_KINDS = {
    "approve": _("转诊审核"),
    "complete": _("补充转诊资料"),
    "answer": _("转诊接收"),
    "tell": _("告知患者"),
    "decide": _("转诊未接收处理"),
    "first_visit": _("下转首访"),
    "treat": _("转诊接诊"),
    "feed_back": _("转诊反馈"),
    "follow_up": _("转诊后随访"),
    "phone": _("电话联系未到诊患者"),
    "find": _("另找下转机构"),
    "escalated": _("转诊催办"),
}
