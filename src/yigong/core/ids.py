"""Internal keys: time-ordered UUIDs (RFC 9562, version 7). People never read or type them."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh version 7 UUID as the standard library's type."""
    return uuid7()
