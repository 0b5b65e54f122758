"""One page of a long list, with its total: lists never stop without saying so.

def inbox(*, actor: Actor, page: int = 1) -> Page[ReferralRow]:
    return page_of(visible(actor).order_by("due_at", "id"), page=page, convert=to_rows)
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from django.db.models import QuerySet

T = TypeVar("T")
U = TypeVar("U")
LARGEST = 200
FARTHEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows ``offset`` to ``offset + len(items)`` of ``total``; ``limit`` is the page size that was asked for.

    ``total`` is None where counting is not worth its price (then ``more`` says whether rows follow). ``next_key`` is an opaque
    key for lists that continue by key instead of by number, empty on the last page.
    """

    items: Sequence[T]
    total: int | None
    offset: int = 0
    limit: int = 20
    more: bool = False
    next_key: str = ""

    @property
    def number(self) -> int:
        """The page's number, from 1."""
        return self.offset // self.limit + 1

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-(self.total or 0) // self.limit))

    @property
    def has_next(self) -> bool:
        """Whether rows follow."""
        return bool(self.next_key) or self.more or (self.total is not None and self.last < self.total)

    @property
    def has_previous(self) -> bool:
        """Whether rows precede."""
        return self.offset > 0

    @property
    def first(self) -> int:
        """The place of the first row shown, counted from 1; 0 on an empty page."""
        return self.offset + 1 if self.items else 0

    @property
    def last(self) -> int:
        """The place of the last row shown."""
        return self.offset + len(self.items)

    def map(self, convert: Callable[[T], U]) -> "Page[U]":
        """The same page with every item converted."""
        return Page(
            [convert(item) for item in self.items], self.total, self.offset, self.limit, self.more, self.next_key
        )


def number_of(text: object) -> int:
    """A page number from a query string; anything unusable is the first page, and none is so large that the database cannot count to it."""
    try:
        return min(max(1, int(str(text))), FARTHEST)
    except ValueError:
        return 1


@overload
def page_of(rows: QuerySet[Any, T], *, page: int = 1, limit: int = 20, counted: bool = True) -> Page[T]: ...


@overload
def page_of(
    rows: QuerySet,
    *,
    page: int = 1,
    limit: int = 20,
    convert: Callable[[list[Any]], Sequence[U]],
    counted: bool = True,
) -> Page[U]: ...


def page_of(
    rows: QuerySet,
    *,
    page: int = 1,
    limit: int = 20,
    convert: Callable[[list[Any]], Sequence[Any]] = list,
    counted: bool = True,
) -> Page[Any]:
    """Page ``page`` (from 1; a number out of range gives the nearest page) of a query; ``convert`` turns its rows into data at once.

    ``counted=False`` leaves the total out and reads one row more instead; use it where the count itself is slow.
    """
    limit = max(1, min(limit, LARGEST))
    total = rows.count() if counted else None
    number = max(page, 1) if total is None else min(max(page, 1), max(1, -(-total // limit)))
    offset = (number - 1) * limit
    found = list(rows[offset : offset + limit + (0 if counted else 1)])
    return Page(convert(found[:limit]), total, offset, limit, more=len(found) > limit)


def page_of_list(rows: Iterable[T], *, page: int = 1, limit: int = 20) -> Page[T]:
    """A page of rows that are all at hand already."""
    every = list(rows)
    offset = (min(max(page, 1), max(1, -(-len(every) // limit))) - 1) * limit
    return Page(every[offset : offset + limit], len(every), offset, limit)
