"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CardsConfig(AppConfig):
    """Cards and codes."""

    name = "yigong.residents.cards"

    def ready(self) -> None:
        """Declare events and parameters; add the tab to the resident's file; let the search box read codes and cards."""
        from yigong.core.ui import menu
        from yigong.residents.api import Holder, ResidentPanel, register_holder, register_panel, register_reader
        from yigong.residents.cards import events, policies, queries, reading
        from yigong.residents.cards.rules import parameters

        assert events and parameters
        register_holder(Holder("cards", _("居民卡"), queries.held_about, order=50))
        register_panel(ResidentPanel("cards", place="tab", label=_("卡与码"), url_name="cards:of", order=60))
        register_reader(reading.read)
        desk = frozenset({"registrar", "village_doctor"})
        menu.register(menu.MenuEntry(_("扫码"), "cards:scan", policies.SCAN, 19, "search", roles=desk))
