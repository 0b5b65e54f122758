"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProxiesConfig(AppConfig):
    """Who may act for whom."""

    name = "yigong.residents.proxies"

    def ready(self) -> None:
        """Declare events; add the tab to the resident's file and the card to the household; listen to the index."""
        from yigong.core.events.api import subscribe
        from yigong.residents.api import Holder, ResidentPanel, register_holder, register_panel
        from yigong.residents.events import ResidentClosed, ResidentMerged
        from yigong.residents.proxies import events, handlers, policies, queries, suggesting

        assert events
        register_holder(Holder("proxies", _("亲属代办"), queries.held_about, order=60))
        register_panel(ResidentPanel("proxies", place="tab", label=_("亲属代办"), url_name="proxies:of", order=70))
        register_panel(
            ResidentPanel(
                "proxies.household", "proxies/_household.html", suggesting.household_panel, policies.KEEP, "household"
            )
        )
        subscribe(ResidentClosed, handlers.person_closed)
        subscribe(ResidentMerged, handlers.people_merged)
