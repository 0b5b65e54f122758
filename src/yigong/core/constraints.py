"""The database holds the line; this turns its refusal into ours: ``with refusing(post_no_overlap=PostOverlaps()): …``."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from yigong.core.errors import DomainError


@contextmanager
def refusing(**by_constraint: DomainError) -> Iterator[None]:
    """Run the block in a savepoint and raise the given error when the constraint of that name is violated."""
    with _refusing(by_constraint, savepoint=True):
        yield


@contextmanager
def refusing_for_good(**by_constraint: DomainError) -> Iterator[None]:
    """The same without a savepoint: after a refusal nobody goes on in the transaction. For busy commands that end with it."""
    with _refusing(by_constraint, savepoint=False):
        yield


@contextmanager
def _refusing(by_constraint: Mapping[str, DomainError], *, savepoint: bool) -> Iterator[None]:
    try:
        with transaction.atomic(savepoint=savepoint):
            yield
    except IntegrityError as refusal:
        diag = getattr(refusal.__cause__, "diag", None)
        known = by_constraint.get(diag.constraint_name if diag and diag.constraint_name else "")
        if known is None:
            raise
        raise known from refusal
