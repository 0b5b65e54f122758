"""App registration."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """What is known about a resident."""

    name = "yigong.records"

    def ready(self) -> None:
        """Declare events, rights and the pack kinds."""
        from yigong.records import events, policies, rules

        assert events and policies and rules
