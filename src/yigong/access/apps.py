"""App registration."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Rights."""

    name = "yigong.access"
