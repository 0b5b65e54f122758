"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    """The staff shell."""

    name = "yigong.console"

    def ready(self) -> None:
        """Offer the shell's own pages."""
        from yigong.console import policies
        from yigong.core.ui import menu
        from yigong.core.ui.menu import MenuEntry

        menu.register(MenuEntry(_("首页"), "console:home", order=0, icon="home"))
        menu.register(MenuEntry(_("界面组件"), "console:gallery", policies.GALLERY, order=99, icon="box"))
