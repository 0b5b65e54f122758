"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Hl7v2Config(AppConfig):
    """HL7 v2 messages from analysers."""

    name = "yigong.exchange.hl7v2"
    label = "hl7v2"

    def ready(self) -> None:
        """The desk in the menu."""
        from yigong.core.ui.menu import MenuEntry, register
        from yigong.exchange.hl7v2 import policies, queries

        register(
            MenuEntry(
                _("仪器报文"), "hl7v2:messages", policies.DESK, order=17, icon="link", count=queries.waiting_count
            )
        )
