"""App registration."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """The order mechanism."""

    name = "yigong.orders"

    def ready(self) -> None:
        """Give access its policy for orders and their lists."""
        from yigong.access import api as access
        from yigong.core import figures
        from yigong.core.states import api as states
        from yigong.core.states import clocks
        from yigong.orders import models, policies, rules
        from yigong.orders.commands.reporting import release_idle
        from yigong.orders.queries.counting import REPORTS

        states.bind(rules.ORDER, models.Order)
        states.bind(rules.REPORT, models.Report)
        states.bind(rules.CRITICAL, models.CriticalValue)
        clocks.also(release_idle)
        figures.register(REPORTS)
        access.register_policy("order", policies.decide, policies.visible)
        access.register_policy("critical", policies.decide_critical)
