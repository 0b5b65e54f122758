"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """The order mechanism."""

    name = "yigong.orders"

    def ready(self) -> None:
        """Give access its policy for orders and their lists."""
        from yigong.access import api as access
        from yigong.core.states import api as states
        from yigong.core.states import clocks
        from yigong.core.ui.menu import MenuEntry, register
        from yigong.orders import jobs, models, policies, rules
        from yigong.orders.commands.reporting import release_idle
        from yigong.orders.commands.studies import call_more_readers
        from yigong.orders.queries import one
        from yigong.orders.rules import quality_states, templates
        from yigong.residents.api import Holder, register_holder

        states.bind(rules.ORDER, models.Order)
        states.bind(rules.REPORT, models.Report)
        states.bind(rules.CRITICAL, models.CriticalValue)
        states.bind(quality_states.QUALITY_SAMPLE, models.QualitySample)
        states.bind(templates.TEMPLATE, models.TextTemplate)
        clocks.also(release_idle)
        clocks.also(call_more_readers)
        assert jobs
        register_holder(Holder("orders", _("检查检验申请"), one.held_about, one.under_way_about, order=20))
        access.register_policy("order", policies.decide, policies.visible)
        access.register_policy("critical", policies.decide_critical)
        register(MenuEntry(_("质控抽查"), "orders:quality", policies.QUALITY, order=16, icon="shield"))
        access.register_policy("quality_sample", policies.decide_sample, policies.visible_samples)
