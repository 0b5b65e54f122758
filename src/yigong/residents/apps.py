"""App registration."""

from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    """The index of people."""

    name = "yigong.residents"
