"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VillageDayConfig(AppConfig):
    """The village doctor's day on a phone."""

    name = "yigong.villageday"

    def ready(self) -> None:
        """Bind the workflow, tasks, menu."""
        from yigong.core.states.api import bind
        from yigong.core.ui import home, menu
        from yigong.tasks.api import declare_kind
        from yigong.villageday import policies
        from yigong.villageday.models import Entry
        from yigong.villageday.rules import ENTRY, LIMITS

        assert LIMITS
        bind(ENTRY, Entry)
        declare_kind("villageday.review", _("离线随访核对"))
        on_foot = frozenset({"village_doctor"})
        menu.register(menu.MenuEntry(_("今天走访"), "villageday:day", policies.USE, 6, "home", roles=on_foot))
        home.register(home.HomeCard("villageday/home_card.html", lambda actor: {}, policies.MANAGE, order=50))
