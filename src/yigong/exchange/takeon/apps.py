"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TakeonConfig(AppConfig):
    """Taking on a county's data."""

    name = "yigong.exchange.takeon"
    label = "takeon"

    def ready(self) -> None:
        """Declare layouts, writers, the workflow and the jobs; offer the menu entry."""
        from yigong.core.states.api import bind
        from yigong.core.ui import menu
        from yigong.exchange.takeon import policies
        from yigong.exchange.takeon.commands import running
        from yigong.exchange.takeon.models import Import
        from yigong.exchange.takeon.rules.states import IMPORT
        from yigong.exchange.takeon.writers import accreditations, care, charges, network, residents, settlements

        assert running
        network.declare()
        accreditations.declare()
        residents.declare()
        care.declare()
        charges.declare()
        settlements.declare()
        bind(IMPORT, Import)
        # The insurance office comes from its own page of settlements.
        keepers = frozenset({"admin", "identity_manager"})
        menu.register(menu.MenuEntry(_("数据接入"), "takeon:layouts", policies.USE, 52, "upload", roles=keepers))
