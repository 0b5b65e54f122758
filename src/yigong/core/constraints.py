"""The database holds the line; this turns its refusal into ours: ``with refusing(post_no_overlap=PostOverlaps()): …``."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from yigong.core.errors import DomainError


@contextmanager
def refusing(**by_constraint: DomainError) -> Iterator[None]:
    """Run the block in a savepoint and raise the given error when the constraint of that name is violated."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as refusal:
        diag = getattr(refusal.__cause__, "diag", None)
        known = by_constraint.get(diag.constraint_name if diag and diag.constraint_name else "")
        if known is None:
            raise
        raise known from refusal
