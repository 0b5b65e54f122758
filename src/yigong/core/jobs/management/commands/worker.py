"""The worker process."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app as queue


class Command(BaseCommand):
    """Runs jobs until SIGTERM or SIGINT; a job in hand may finish first."""

    help = "Run background jobs until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=1)
        parser.add_argument("--until-empty", action="store_true", help="end when nothing waits")

    def handle(self, *args: Any, concurrency: int, until_empty: bool, **options: Any) -> None:
        with queue.replace_connector(queue.connector.get_worker_connector()):  # type: ignore[attr-defined]
            queue.run_worker(
                concurrency=concurrency,
                wait=not until_empty,
                install_signal_handlers=True,
                shutdown_graceful_timeout=20,
                delete_jobs="successful",
            )
