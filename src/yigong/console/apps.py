"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    """The staff shell."""

    name = "yigong.console"

    def ready(self) -> None:
        """Offer the shell's own pages and keep the figures up with what happens."""
        from yigong.console import commands, policies, queries
        from yigong.core.ui import home, menu
        from yigong.core.ui.menu import MenuEntry

        menu.register(MenuEntry(_("首页"), "console:home", order=0, icon="home"))
        menu.register(MenuEntry(_("运行数据"), "console:figures", policies.FIGURES, order=5, icon="chart"))
        menu.register(MenuEntry(_("界面组件"), "console:gallery", policies.GALLERY, order=99, icon="box"))
        home.register(
            home.HomeCard("console/figures_card.html", queries.figures_card, policies.FIGURES, order=5, wide=True)
        )
        commands.listen()
