"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReferralsConfig(AppConfig):
    """Two-way referral."""

    name = "yigong.referrals"

    def ready(self) -> None:
        """Registers the workflow's clocks, the access policy and the task kinds."""
        from yigong.access.api import register_policy
        from yigong.core.ui import home, menu
        from yigong.referrals import policies
        from yigong.referrals.queries import reading
        from yigong.referrals.views import presenting
        from yigong.residents.api import Holder, register_holder, register_panel
        from yigong.residents.data import ResidentPanel
        from yigong.tasks.api import declare_kind

        register_policy("referral", reading.decide, reading.visible)
        register_holder(Holder("referrals", _("双向转诊"), reading.held_about, reading.under_way_about, order=30))
        for what, label in _KINDS.items():
            declare_kind(f"referral.{what}", label)
        menu.register(
            menu.MenuEntry(
                _("双向转诊"), "referrals:inbox", policies.READ, order=20, icon="referral", group="referrals"
            )
        )
        desk = frozenset({"registrar", "nurse"})
        menu.register_group(menu.MenuGroup("referrals", _("双向转诊"), desk, order=20, icon="referral"))
        menu.register(
            menu.MenuEntry(
                _("转诊到诊登记"), "referrals:desk", policies.ARRIVE, 21, "check", roles=desk, group="referrals"
            )
        )
        home.register(home.HomeCard("referrals/home_card.html", presenting.home_card, policies.READ, order=20))
        button = ResidentPanel(
            "referral", "referrals/resident_button.html", presenting.panel, policies.REQUEST, "action", 10
        )
        register_panel(button)


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
