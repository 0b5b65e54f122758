"""App registration."""

from django.apps import AppConfig


class PrintingConfig(AppConfig):
    """Printed sheets."""

    name = "yigong.core.printing"
    label = "printing"
