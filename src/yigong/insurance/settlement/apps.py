"""App registration."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    """Settlement of bills."""

    name = "yigong.insurance.settlement"

    def ready(self) -> None:
        """Registers the workflow and its clocks."""
        from yigong.core.states.api import bind
        from yigong.insurance.settlement import rules
        from yigong.insurance.settlement.models import Difference, Settlement

        bind(rules.SETTLEMENT, Settlement)
        bind(rules.DIFFERENCE, Difference)
