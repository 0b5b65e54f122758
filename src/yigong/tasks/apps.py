"""App registration."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """The to-do list."""

    name = "yigong.tasks"

    def ready(self) -> None:
        """Have the clocks escalate tasks."""
        from yigong.core.states import clocks
        from yigong.tasks.commands import escalate_due

        clocks.also(escalate_due)
