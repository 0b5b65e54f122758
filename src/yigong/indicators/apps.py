"""App registration."""

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """The registry of indicators and the roll-ups."""

    name = "yigong.indicators"

    def ready(self) -> None:
        """Registers definitions, handlers, jobs, the workflow of periods and the menu; the views follow the migrations."""
        from django.db.models.signals import post_migrate, pre_migrate
        from django.utils.translation import gettext_lazy as _

        from yigong.core.states.api import bind
        from yigong.core.ui import home, menu
        from yigong.indicators import handlers, models, policies, worker
        from yigong.indicators.commands.alarming import KIND
        from yigong.indicators.facts import making
        from yigong.indicators.rules import definition
        from yigong.indicators.rules.states import PERIOD
        from yigong.indicators.views.cockpit import home_card
        from yigong.tasks import api as tasks

        assert definition.INDICATORS and worker.__name__
        bind(PERIOD, models.Period)
        handlers.listen()
        tasks.declare_kind(KIND, _("指标预警"))
        pre_migrate.connect(making.drop, sender=self, dispatch_uid="indicators.drop_views")
        post_migrate.connect(making.make, sender=self, dispatch_uid="indicators.make_views")
        # The village doctor's menu is full: the card on the home page leads there.
        roles = frozenset({"director", "bureau", "township_manager", "quality_manager", "insurance_clerk"})
        menu.register(menu.MenuEntry(_("运行数据"), "indicators:cockpit", policies.READ, 5, "chart", roles=roles))
        home.register(home.HomeCard("indicators/home_card.html", home_card, policies.READ, order=5, wide=True))
