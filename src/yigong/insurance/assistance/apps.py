"""App registration."""

from django.apps import AppConfig


class AssistanceConfig(AppConfig):
    """Medical assistance."""

    name = "yigong.insurance.assistance"

    def ready(self) -> None:
        """Registers the workflow and the menu."""
        from django.utils.translation import gettext_lazy as _

        from yigong.contracts.api import register_roll
        from yigong.core.events.api import subscribe
        from yigong.core.states.api import bind
        from yigong.core.ui import menu
        from yigong.insurance.assistance import counter, policies, queries, rules
        from yigong.insurance.assistance.models import Payment
        from yigong.insurance.settlement.events import BillSettled, SettlementReversed

        bind(rules.PAYMENT, Payment)
        register_roll("insurance", queries.people_in_hardship)
        subscribe(BillSettled, counter.on_settled)
        subscribe(SettlementReversed, counter.on_reversed)
        # The bureau and the director come from the fund's page: their menu of a dozen is full.
        menu.register(
            menu.MenuEntry(
                _("医疗救助"),
                "assistance:list",
                policies.READ,
                order=57,
                icon="heart",
                roles=frozenset({"insurance_clerk"}),
                group="insurance.people",
            )
        )
