"""App registration."""

from django.apps import AppConfig


class WorkreportConfig(AppConfig):
    """Work reports of the medical community and statutory tables."""

    name = "yigong.workreport"

    def ready(self) -> None:
        """Declares definitions, the workflow of editions, the job, and the ways that lead here."""
        from django.utils.translation import gettext_lazy as _

        from yigong.core.states.api import bind
        from yigong.core.ui import home
        from yigong.indicators.api import register_tab
        from yigong.workreport import jobs, models, policies
        from yigong.workreport.queries.editions import home_card
        from yigong.workreport.rules import template
        from yigong.workreport.rules.states import EDITION

        assert jobs.__name__ and template.TEMPLATES
        bind(EDITION, models.Edition)
        # The menus of those who write reports are full: a tab beside the figures and the home page lead there.
        register_tab(_("工作汇报"), "workreport:list", policies.READ)
        home.register(home.HomeCard("workreport/home_card.html", home_card, policies.READ, order=22))
