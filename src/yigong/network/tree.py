"""Questions about the tree of institutions, each answered by one recursive statement."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

_DOWN = """
with recursive below as (
    select id from network_institution where id = any(%s)
    union select i.id from network_institution i join below on i.parent_id = below.id
) select id from below
"""
_UP = """
with recursive above as (
    select id, parent_id, 0 as depth from network_institution where id = %s
    union select i.id, i.parent_id, depth + 1 from network_institution i join above on i.id = above.parent_id
    where depth < 20
) select id from above order by depth
"""


def _ids(sql: str, given: UUID | list[UUID]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [given])
        return [row[0] for row in cursor.fetchall()]


def descendants(institution_id: UUID) -> set[UUID]:
    """The institution and all it manages, at any depth."""
    return descendants_of([institution_id])


def descendants_of(institution_ids: Collection[UUID]) -> set[UUID]:
    """Several institutions and all they manage, at any depth."""
    return set(_ids(_DOWN, list(institution_ids))) if institution_ids else set()


def ancestors(institution_id: UUID) -> list[UUID]:
    """The institution itself, then those above it, nearest first."""
    return _ids(_UP, institution_id)


def is_above(upper_id: UUID, lower_id: UUID) -> bool:
    """Whether ``upper`` is ``lower`` or manages it at any depth."""
    return upper_id == lower_id or upper_id in ancestors(lower_id)
