"""App registration."""

from django.apps import AppConfig


class CoverageConfig(AppConfig):
    """Coverage."""

    name = "yigong.insurance.coverage"
