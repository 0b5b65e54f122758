"""``@change``: a command is one transaction, and the history of the rows it changes names its actor and its reason."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db import transaction

from yigong.core.audit.api import acting

F = TypeVar("F", bound=Callable[..., Any])


def change(command: F) -> F:
    """Run a command with keyword arguments ``actor`` and, where it has one, ``reason``, as described above."""

    @wraps(command)
    def inner(**values: Any) -> Any:
        with acting(values["actor"], str(values.get("reason", ""))), transaction.atomic():
            return command(**values)

    return inner  # type: ignore[return-value]
