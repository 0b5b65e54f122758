"""The relay process: delivers events as they are committed and rings the clocks."""

import logging
import signal
import time
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections, connection

from yigong.core.events import api, relay
from yigong.core.events.models import CHANNEL
from yigong.core.states import clocks

log = logging.getLogger(__name__)
_FORGET_EVERY = 3600


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT; an event in delivery is finished first."""

    help = "Deliver events and ring clocks until stopped."
    stopping = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clock-seconds", type=float, default=3.0, help="how often the clocks are looked at")
        parser.add_argument("--parked", action="store_true", help="list parked events and failing clocks, then end")

    def handle(self, *args: Any, clock_seconds: float, parked: bool, **options: Any) -> None:
        if parked:
            return self._list()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self.stopping:
            try:
                self._serve(clock_seconds)
            except (OperationalError, psycopg.OperationalError) as lost:
                log.warning("database lost, trying again: %s", lost)
                connection.close()
                time.sleep(1)
        return None

    def _stop(self, *_: Any) -> None:
        self.stopping = True

    def _serve(self, clock_seconds: float) -> None:
        """One stretch of work on one pair of connections: ours for the work, a second one that only listens."""
        with psycopg.connect(**_parameters(), autocommit=True) as ears:
            ears.execute(f"listen {CHANNEL}")
            next_clock = next_forget = time.monotonic()
            while not self.stopping:
                if time.monotonic() >= next_clock:
                    close_old_connections()
                    clocks.sweep()
                    next_clock = time.monotonic() + clock_seconds
                if time.monotonic() >= next_forget:
                    relay.forget_done()
                    next_forget = time.monotonic() + _FORGET_EVERY
                if not relay.deliver_waiting(limit=50):
                    # Also wakes without a notice: events that wait for another attempt become due by time.
                    list(ears.notifies(timeout=min(1.0, clock_seconds), stop_after=1))

    def _list(self) -> None:
        for event in api.parked():
            self.stdout.write(f"event {event.id} {event.name} x{event.attempts}: {event.last_error}")
        for failure in clocks.failures():
            self.stdout.write(f"clock {failure.table} {failure.object_id} x{failure.attempts}: {failure.last_error}")


def _parameters() -> dict[str, Any]:
    unwanted = {"cursor_factory", "context", "prepare_threshold"}
    return {key: value for key, value in connection.get_connection_params().items() if key not in unwanted}
