"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    """What is known about a resident."""

    name = "yigong.records"

    def ready(self) -> None:
        """Declare events, rights and pack kinds; add tabs, buttons and the warning line to the resident's file."""
        from yigong.records import catalogue, events, frontpage, policies, rules
        from yigong.records.panels import warnings
        from yigong.records.queries.entries import held_about, open_about
        from yigong.residents.api import Holder, ResidentPanel, register_holder, register_panel

        register_holder(Holder("records", _("健康档案条目"), held_about, open_about, order=10))
        assert events and rules and catalogue and frontpage.FRONT
        register_panel(
            ResidentPanel(
                "timeline",
                place="tab",
                label=_("健康档案"),
                url_name="records:timeline",
                permission=policies.READ,
                order=10,
            )
        )
        register_panel(
            ResidentPanel(
                "summary",
                place="tab",
                label=_("健康摘要"),
                url_name="records:summary",
                permission=policies.READ,
                order=20,
            )
        )
        register_panel(
            ResidentPanel(
                "front", place="tab", label=_("档案首页"), url_name="records:front", permission=policies.READ, order=15
            )
        )
        register_panel(ResidentPanel("warnings", "records/_warnings.html", warnings, policies.READ, "header", 10))
        register_panel(
            ResidentPanel(
                "visit", "records/_visit_button.html", permission=policies.ENCOUNTER, place="action", order=10
            )
        )
