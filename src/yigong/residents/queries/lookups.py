"""Who is meant by numbers of other systems, for rooms that take on files: many at once, without a decision."""

from collections.abc import Collection
from uuid import UUID

from yigong.core import clock, statements
from yigong.residents.models import Identifier
from yigong.residents.queries.people import resolve
from yigong.residents.rules import numbers, sealing


def residents_by_source(institution_id: UUID | None, system: str, given: Collection[str]) -> dict[str, UUID]:
    """Record id of a source -> the resident of today."""
    # "is not distinct from" would pass by the index.
    where = "institution_id is null" if institution_id is None else "institution_id = %(institution)s"
    rows = statements.fetch(
        f"select local_number, resident_id from residents_sourcerecord where {where} and system = %(system)s "
        "and local_number = any(%(given)s)",
        {"system": system, "given": list(set(given))} | ({"institution": institution_id} if institution_id else {}),
    )
    found: dict[str, UUID] = dict(rows)
    today = resolve(set(found.values()))
    return {number: today[key] for number, key in found.items() if key in today}


def residents_by_citizen_number(given: Collection[str]) -> dict[str, UUID]:
    """Citizen number as written -> the resident of today; what is no citizen number is left out."""
    asked: dict[bytes, str] = {}
    for text in set(given):
        try:
            value = numbers.check_number(numbers.CITIZEN, text, clock.today()).value
        except numbers.BadNumber:
            continue
        asked |= dict.fromkeys(sealing.digests("number:" + numbers.CITIZEN, value), text)
    rows = Identifier.objects.filter(digest__in=list(asked), is_active=True).values_list("digest", "resident_id")
    found = {asked[bytes(digest)]: key for digest, key in rows}
    today = resolve(set(found.values()))
    return {text: today[key] for text, key in found.items() if key in today}


def managing_institutions(resident_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Which institution looks after each of these residents of today."""
    rows = statements.fetch(
        "select id, managing_institution_id from residents_resident where id = any(%(ids)s)",
        {"ids": list(resident_ids)},
    )
    return dict(rows)
