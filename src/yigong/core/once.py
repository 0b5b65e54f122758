"""Questions that several parts of a page ask in the same words are answered once.

@once_a_page
def identities(resident_id: UUID) -> frozenset[UUID]: ...

The answer is kept while one page is made for a request that only reads (GET, HEAD); in commands, jobs and forms every call asks anew.
The parts of the page share the answer, so it must be a value that nobody changes.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_page: ContextVar[dict[Hashable, Any] | None] = ContextVar("yigong_page", default=None)


@contextmanager
def one_page() -> Iterator[None]:
    """The making of one page that only reads."""
    token = _page.set({})
    try:
        yield
    finally:
        _page.reset(token)


def once_a_page(ask: Callable[P, R]) -> Callable[P, R]:
    """Ask once per page and arguments (which must be hashable)."""

    @wraps(ask)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        known = _page.get()
        if known is None:
            return ask(*args, **kwargs)
        key = (ask, args, tuple(sorted(kwargs.items())))
        if key not in known:
            known[key] = ask(*args, **kwargs)
        return known[key]

    return answer


def remember(ask: Callable[..., R], answer: R, *args: Hashable) -> None:
    """The answer to a ``once_a_page`` question came with another one: the page need not ask again."""
    if (known := _page.get()) is not None:
        known[ask.__wrapped__, args, ()] = answer  # type: ignore[attr-defined]
