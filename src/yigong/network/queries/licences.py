"""Who is licensed for what, for rooms that ask before they let somebody do it."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q

from yigong.core import clock
from yigong.network.models import Qualification


def licences_of(staff_ids: Iterable[UUID], on: date | None = None) -> dict[UUID, frozenset[str]]:
    """The kinds of licence each person holds on a day (today), by key; who holds none is left out. One question."""
    day = on or clock.today()
    rows = Qualification.objects.filter(Q(expires_on=None) | Q(expires_on__gte=day), staff_id__in=set(staff_ids))
    found: dict[UUID, set[str]] = {}
    for key, kind in rows.values_list("staff_id", "kind"):
        found.setdefault(key, set()).add(kind)
    return {key: frozenset(kinds) for key, kinds in found.items()}
