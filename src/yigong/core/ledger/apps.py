"""App registration."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Ledger."""

    name = "yigong.core.ledger"

    def ready(self) -> None:
        """Registers the holds' clock."""
        from yigong.core.ledger import api

        assert api
