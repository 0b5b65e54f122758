"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    """Institutions, alliances, centres and staff."""

    name = "yigong.network"

    def ready(self) -> None:
        """The menu."""
        from yigong.core.states import clocks
        from yigong.core.ui import menu
        from yigong.network import policies, swap_states  # noqa: F401 - the clocks need the table
        from yigong.network.commands.rosters import look_for_gaps

        clocks.also(look_for_gaps)

        keepers = frozenset({"admin", "director", "bureau", "quality_manager", "township_manager"})
        menu.register_group(menu.MenuGroup("network", _("机构与人员"), keepers, order=60, icon="building"))
        menu.register(
            menu.MenuEntry(
                _("机构"), "network:institutions", policies.VIEW, 60, "building", roles=keepers, group="network"
            )
        )
        menu.register(
            menu.MenuEntry(
                _("联合体"), "network:alliances", policies.VIEW, 61, "network", roles=keepers, group="network"
            )
        )
        menu.register(
            menu.MenuEntry(_("人员"), "network:staff", policies.VIEW, 62, "people", roles=keepers, group="network")
        )
        # The administrator reaches a roster from its institution's page.
        planners = (keepers | {"duty_chief"}) - {"admin"}
        menu.register(
            menu.MenuEntry(
                _("值班表"), "network:roster", policies.VIEW, 63, "calendar", roles=planners, group="network"
            )
        )
