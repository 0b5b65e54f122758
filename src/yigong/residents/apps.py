"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResidentsConfig(AppConfig):
    """The index of people."""

    name = "yigong.residents"

    def ready(self) -> None:
        """Declare events and rights; offer the menu entry."""
        from yigong.core.ui import menu
        from yigong.residents import events, policies
        from yigong.residents.matching import packs

        assert events and packs
        menu.register(menu.MenuEntry(_("居民"), "residents:search", policies.SEARCH, order=20, icon="people"))
