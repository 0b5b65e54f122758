"""Marks for commands."""

from collections.abc import Callable
from typing import TypeVar

from yigong.core.statements import Asked, answers

F = TypeVar("F", bound=Callable)
_racing: dict[str, str] = {}


def racing(name: str) -> Callable[[F], F]:
    """Mark a command that two people may call for the same thing in the same instant.

    A guard demands a test marked ``@pytest.mark.race(name)`` that calls it from two connections (``core.testing.race``).
    """

    def mark(command: F) -> F:
        _racing[name] = f"{command.__module__}.{command.__qualname__}"
        return command

    return mark


def racing_commands() -> dict[str, str]:
    """All marked commands: name to dotted path."""
    return dict(_racing)


def one_at_a_time(*what: object) -> None:
    """Until the transaction ends nobody else does the same (``what``: a key, or words and keys): a double click waits for the first, and where
    an exclusion constraint would end two inserts in a deadlock, the second waits instead and is then refused.

    A trigger takes part with ``pg_advisory_xact_lock_shared(hashtext('the same words'))``.
    """
    answers(ask_turn(*what))


def ask_turn(*what: object) -> Asked[None]:
    """The same as a question that travels with others: those after it see what was done while it waited."""
    words = {"what": " ".join(map(str, what))}
    return Asked("select pg_advisory_xact_lock(hashtext(%(what)s))", words, lambda _rows: None)
