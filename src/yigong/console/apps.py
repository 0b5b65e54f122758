"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    """The staff shell."""

    name = "yigong.console"

    def ready(self) -> None:
        """Offer the home page and the gallery of components."""
        from yigong.console import policies
        from yigong.core.ui import menu

        menu.register(menu.MenuEntry(_("首页"), "console:home", order=0, icon="home"))
        menu.register(menu.MenuEntry(_("界面组件"), "console:gallery", policies.GALLERY, order=99, icon="box"))
