"""App registration."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The user interface kit."""

    name = "yigong.core.ui"
    label = "ui"

    def ready(self) -> None:
        """Menus are checked like models: an entry that leads nowhere stops the start. Catalogues are compiled when they changed."""
        from django.core import checks

        from yigong.core.ui import menu, messages

        checks.register(menu.check_entries)
        messages.compile_all()
