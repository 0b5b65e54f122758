"""What a request knows for the read log: its page, and refusals that must outlive a rolled-back transaction."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass
class RequestContext:
    """One request: the page shown in the log and log lines still to write."""

    page: str
    waiting: list[tuple[Any, ...]] = field(default_factory=list)


current: ContextVar[RequestContext | None] = ContextVar("yigong_request", default=None)
