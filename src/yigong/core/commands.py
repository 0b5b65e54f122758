"""Marks for commands."""

from collections.abc import Callable
from typing import TypeVar

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
