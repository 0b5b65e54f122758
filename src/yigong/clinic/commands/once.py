"""A request that came twice is carried out once."""

from uuid import UUID

from django.db import connection


def wait_for_same(request_key: UUID | None) -> None:
    """Let a second sending of one request wait until the first is done; then it finds what the first has written."""
    if request_key is not None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [request_key.int % 2**63])
