"""App registration."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background jobs."""

    name = "yigong.core.jobs"

    def ready(self) -> None:
        """Registers the queue's tasks."""
        from yigong.core.jobs import worker

        assert worker
