"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResidentsConfig(AppConfig):
    """The index of people."""

    name = "yigong.residents"

    def ready(self) -> None:
        """Declare events and rights; offer the menu entry."""
        from yigong.access.api import register_policy
        from yigong.core.states import clocks
        from yigong.core.ui import home, menu
        from yigong.residents import events, policies, rotation
        from yigong.residents.commands.counting import count_when_due
        from yigong.residents.matching import packs
        from yigong.residents.queries.operations import waiting_card
        from yigong.residents.queries.pairs import open_count
        from yigong.residents.rules import golden

        assert events and packs and golden
        rotation.register()
        clocks.also(count_when_due)
        register_policy("residents.index", policies.decide_index)
        menu.register(menu.MenuEntry(_("居民"), "residents:search", policies.SEARCH, order=20, icon="people"))
        menu.register(
            menu.MenuEntry(
                _("查重复核"), "residents:desk", policies.LINK, 50, "people", count=lambda actor: open_count()
            )
        )
        keeper = frozenset({"identity_manager"})
        menu.register(
            menu.MenuEntry(_("合并与拆分"), "residents:operations", policies.CONFIRM, 51, "link", roles=keeper)
        )
        home.register(home.HomeCard("residents/home_card.html", waiting_card, policies.CONFIRM, order=30))
