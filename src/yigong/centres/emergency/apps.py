"""App registration."""

from types import ModuleType

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EmergencyConfig(AppConfig):
    """The emergency centre: from the call to the outcome."""

    name = "yigong.centres.emergency"
    label = "emergency"

    def ready(self) -> None:
        """Workflows for the clocks, what other rooms tell, what is kept about residents, menu."""
        from yigong.access.api import register_policy
        from yigong.centres.ecg.events import ChestPainSuspected
        from yigong.centres.emergency import policies
        from yigong.centres.emergency.commands import receiving
        from yigong.centres.emergency.queries import cases, positions
        from yigong.centres.emergency.rules import workflow
        from yigong.core.events.api import subscribe
        from yigong.referrals.events import ReferralArrived, ReferralCancelled, ReferralRejected, ReferralSubmitted
        from yigong.residents.api import Holder, register_holder
        from yigong.whereabouts.api import Mission, declare_mission

        assert workflow.CASE.model, "bound below its table"
        declare_mission(Mission(positions.KIND, positions.is_under_way, positions.is_aboard))
        register_policy("emergency", cases.decide, cases.visible)
        register_holder(Holder("emergency", _("急救病例"), cases.held_about, cases.under_way_about, order=29))
        subscribe(ChestPainSuspected, receiving.expect_heart_attack)
        subscribe(ReferralSubmitted, receiving.take_referral)
        subscribe(ReferralArrived, receiving.referral_arrived)
        subscribe(ReferralCancelled, receiving.referral_ended)
        subscribe(ReferralRejected, receiving.referral_ended)
        self._show(policies)

    def _show(self, policies: ModuleType) -> None:
        """Menu, home card, and the button on a resident's page."""
        from yigong.centres.emergency.queries import cases
        from yigong.core.ui import home
        from yigong.core.ui.menu import MenuEntry, register
        from yigong.residents import api as residents

        desk, road, ward = (
            frozenset({"dispatcher"}),
            frozenset({"ambulance_crew"}),
            frozenset({"specialist", "duty_chief"}),
        )
        register(MenuEntry(_("调度台"), "emergency:desk", policies.CALL, order=10, icon="phone", roles=desk))
        register(MenuEntry(_("我的出车"), "emergency:mine", policies.CREW, order=10, icon="ambulance", roles=road))
        register(
            MenuEntry(_("急诊急救"), "emergency:hospital", policies.RECEIVE, order=24, icon="ambulance", roles=ward)
        )
        register(MenuEntry(_("急救病例"), "emergency:cases", policies.READ, order=14, icon="list", roles=desk | road))
        register(MenuEntry(_("站点与车辆"), "emergency:fleet", policies.FLEET, order=52, icon="settings", roles=desk))
        register(MenuEntry(_("急救指标"), "emergency:figures", policies.FIGURES, order=63, icon="chart", roles=desk))
        home.register(home.HomeCard("emergency/home_card.html", cases.home_card, policies.RECEIVE, order=15))
        # Whose menu is full finds the figures on the home page.
        home.register(home.HomeCard("emergency/figures_card.html", cases.figures_card, policies.FIGURES, order=61))
        button = residents.ResidentPanel(
            "emergency-first",
            "emergency/first_button.html",
            lambda resident_id, actor: {},
            policies.FIRST,
            "action",
            19,
        )
        residents.register_panel(button)
