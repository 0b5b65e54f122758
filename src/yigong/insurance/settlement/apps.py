"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SettlementConfig(AppConfig):
    """Settlement of bills."""

    name = "yigong.insurance.settlement"

    def ready(self) -> None:
        """Registers the workflows, the clock that asks for lost answers, the access policy, menu and the person's page of bills."""
        from yigong.access.api import register_policy
        from yigong.core.states import clocks
        from yigong.core.states.api import bind
        from yigong.core.ui import menu
        from yigong.insurance.settlement import catalogue, parameters, policies, rules
        from yigong.insurance.settlement.commands.resolving import ask_again
        from yigong.insurance.settlement.models import Difference, Settlement
        from yigong.insurance.settlement.queries import reading
        from yigong.residents.api import Holder, register_holder, register_panel
        from yigong.residents.data import ResidentPanel

        assert parameters.RULES and catalogue.CATALOGUE
        bind(rules.SETTLEMENT, Settlement)
        bind(rules.DIFFERENCE, Difference)
        clocks.also(ask_again)
        register_policy("settlement", reading.decide, reading.visible)
        register_holder(Holder("settlement", _("费用结算"), reading.held_about, reading.under_way_about, order=45))
        register_panel(
            ResidentPanel(
                "settlement",
                permission=policies.READ,
                place="tab",
                order=70,
                label=_("费用"),
                url_name="settlement:resident",
            )
        )
        menu.register(
            menu.MenuEntry(
                _("收费结算"),
                "settlement:counter",
                policies.CHARGE,
                25,
                "money",
                roles=frozenset({"registrar", "insurance_clerk", "village_doctor"}),
            )
        )
