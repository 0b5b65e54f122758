"""App registration."""

from django.apps import AppConfig


class WhereaboutsConfig(AppConfig):
    """Where vehicles are while they are on their way."""

    name = "yigong.whereabouts"

    def ready(self) -> None:
        """The nightly job and the limits."""
        from yigong.whereabouts import jobs, policies, rules

        assert jobs and policies and rules.LIMITS
