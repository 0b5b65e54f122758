"""Helpers for tests: real races on two connections."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


def race(*commands: Callable[[], Any]) -> list[Any]:
    """Run the commands at the same instant, each on its own database connection; results or exceptions in order.

    Needs ``@pytest.mark.django_db(transaction=True)``: rows made in a test transaction are not visible to other connections.
    """
    barrier = threading.Barrier(len(commands))
    outcomes: list[Any] = [None] * len(commands)

    def run(place: int, command: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            outcomes[place] = command()
        except Exception as refusal:  # noqa: BLE001 - the outcome under test
            outcomes[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(commands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
