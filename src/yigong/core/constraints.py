"""The database holds the line; this turns its refusal into ours: ``with refusing(post_no_overlap=PostOverlaps()): …``."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from yigong.core.errors import DomainError


@contextmanager
def refusing(*, savepoint: bool = True, **by_constraint: DomainError) -> Iterator[None]:
    """Run the block in a savepoint and raise the given error when the constraint of that name is violated. Without ``savepoint`` nobody may go on
    in the transaction after a refusal: for commands that end with it."""
    try:
        with transaction.atomic(savepoint=savepoint):
            yield
    except IntegrityError as refusal:
        diag = getattr(refusal.__cause__, "diag", None)
        known = by_constraint.get(diag.constraint_name if diag and diag.constraint_name else "")
        if known is None:
            raise
        raise known from refusal
