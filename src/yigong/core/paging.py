"""One page of a long list, with its total: lists never stop without saying so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows ``offset`` to ``offset + len(items)`` of ``total``; ``limit`` is the page size that was asked for."""

    items: Sequence[T]
    total: int
    offset: int = 0
    limit: int = 20

    @property
    def number(self) -> int:
        """The page's number, from 1."""
        return self.offset // self.limit + 1

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // self.limit))

    @property
    def has_next(self) -> bool:
        """Whether rows follow."""
        return self.offset + len(self.items) < self.total

    @property
    def has_previous(self) -> bool:
        """Whether rows precede."""
        return self.offset > 0


def page_of(
    rows: QuerySet, *, page: int = 1, limit: int = 20, convert: Callable[[list[Any]], Sequence[T]] = list
) -> Page[T]:
    """Page ``page`` (from 1; a number out of range gives the nearest page) of a query; ``convert`` turns its rows into data at once."""
    total = rows.count()
    number = min(max(page, 1), max(1, -(-total // limit)))
    offset = (number - 1) * limit
    return Page(convert(list(rows[offset : offset + limit])), total, offset, limit)
