"""App registration."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """The to-do list."""

    name = "yigong.tasks"
