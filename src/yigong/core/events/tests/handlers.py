"""Events and handlers for the tests, importable by a child process."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from yigong.core.events.api import event, subscribe
from yigong.core.numbers.api import next_value


@event("test.happened")
@dataclass(frozen=True)
class Happened:
    """A fact of the tests."""

    place: int
    poison: bool = False


def count(fact: Happened) -> None:
    """The first effect."""
    next_value("effect.first", str(fact.place))


def hold_in_the_middle(fact: Happened) -> None:
    """The second effect; told so by the environment, it says that it is at work and never ends."""
    next_value("effect.second", str(fact.place))
    if fact.poison:
        raise RuntimeError("毒事件")
    if signal := os.environ.get("TEST_HOLD_FILE"):
        Path(signal).touch()
        threading.Event().wait()


subscribe(Happened, count)
subscribe(Happened, hold_in_the_middle)
