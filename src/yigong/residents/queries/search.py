"""The search box: one SQL statement whose every way in has an index."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from yigong.access.api import visible_of
from yigong.core import statements
from yigong.core.actor import Actor
from yigong.core.statements import literal
from yigong.residents import policies
from yigong.residents.data import COUNTED, CappedPage, ResidentRow
from yigong.residents.models import Identifier, Resident
from yigong.residents.queries import people as queries
from yigong.residents.rules import numbers, sealing
from yigong.residents.rules import search as box

_SQL = """
with hits as (
  (select id, name_key, pinyin, birth_date, status, 0 as far from residents_resident r
    where ({where}) and status <> 'merged' and managing_institution_id = any(%(mine)s::uuid[]) limit {cap})
  union all
  (select id, name_key, pinyin, birth_date, status, 1 as far from residents_resident r
    where ({where}) and status <> 'merged'
      and (managing_institution_id is null or managing_institution_id <> all(%(mine)s::uuid[])) limit {cap})
)
select id from hits
order by status = 'cancelled', far, case when name_key = %(name)s then 0 when starts_with(name_key, %(name)s) then 1 else 2 end,
         status <> 'active', pinyin, birth_date, id
limit {cap}
"""


def search_residents(
    text: str, *, actor: Actor, limit: int = 20, offset: int = 0, include_closed: bool = True
) -> CappedPage[ResidentRow]:
    """People the text may mean; those managed by the actor's institutions first, then exact names, then by pinyin.

    Rows carry minimal identity, masked: opening a file decides and logs. The total is counted to 1,000.
    """
    if not actor.has(policies.SEARCH):
        raise policies.refusal(policies.SEARCH)
    wanted = box.parse(text)
    clauses, values = _conditions(wanted)
    if not clauses:
        return CappedPage([], 0, 0, limit)
    if not include_closed:
        clauses.append("status = 'active'")
    mine = queries.places_of(actor)
    keys = _run(" and ".join(clauses), values | {"mine": mine, "name": wanted.name})
    if wanted.number_prefix and not (wanted.phone or wanted.archive_number):
        keys = _beginning_with(wanted.number_prefix, keys)
    keys = _related_first(keys, actor)
    shown = keys[offset : offset + limit]
    found = {r.id: r for r in statements.objects(Resident, "where id = any(%(ids)s)", {"ids": shown})}
    return CappedPage(queries.rows_of([found[key] for key in shown], mine), len(keys), offset, limit)


def _run(where: str, values: dict[str, Any]) -> list[UUID]:
    return [key for (key,) in statements.fetch(_SQL.format(where=where, cap=COUNTED + 1), values)]


def _related_first(keys: list[UUID], actor: Actor) -> list[UUID]:
    """Within the found ones, those with a care relation to the actor's institutions before strangers."""
    if len(keys) < 2:
        return keys
    related = visible_of(keys, actor)
    return sorted(keys, key=lambda key: key not in related)


def _conditions(wanted: box.Wanted) -> tuple[list[str], dict[str, Any]]:
    clauses: list[str] = []
    values: dict[str, Any] = {}
    who: list[str] = []
    for part in (_by_name, _by_letters):
        _add(part, wanted, who, values)
    if who:
        clauses.append("(" + " or ".join(who) + ")")
    what: list[str] = []
    for part in (_by_number, _by_tail, _by_phone, _by_archive, _by_prefix):
        _add(part, wanted, what, values)
    if what:
        clauses.append("(" + " or ".join(what) + ")")
    return clauses, values


def _add(
    part: Callable[[box.Wanted, dict[str, Any]], str], wanted: box.Wanted, into: list[str], values: dict[str, Any]
) -> None:
    clause = part(wanted, values)
    if clause:
        into.append(clause)


def _by_name(wanted: box.Wanted, values: dict[str, Any]) -> str:
    if not wanted.name:
        return ""
    values |= {"chars": list(dict.fromkeys(wanted.name)), "inside": f"%{literal(wanted.name)}%"}
    return "name_chars @> %(chars)s::text[] and name_key like %(inside)s"


def _by_letters(wanted: box.Wanted, values: dict[str, Any]) -> str:
    if not wanted.letters:
        return ""
    values |= {"letters": f"{literal(wanted.letters)}%", "reading": [wanted.letters]}
    return "pinyin like %(letters)s or initials like %(letters)s or reading_keys @> %(reading)s::varchar[]"


_HELD = "id in (select resident_id from residents_identifier where is_active and "


def _by_number(wanted: box.Wanted, values: dict[str, Any]) -> str:
    if not wanted.number:
        return ""
    forms = {wanted.number}
    if len(wanted.number) == 15 and wanted.number.isdigit():
        forms.add(numbers.upgrade(wanted.number))
    values["digests"] = [sealing.digest("number:" + kind, form) for kind in numbers.KINDS for form in forms]
    return _HELD + "digest = any(%(digests)s::bytea[]))"


def _by_tail(wanted: box.Wanted, values: dict[str, Any]) -> str:
    if not wanted.tail:
        return ""
    values["tail"] = sealing.short_digest("tail", wanted.tail)
    return _HELD + "tail_digest = %(tail)s)"


def _by_phone(wanted: box.Wanted, values: dict[str, Any]) -> str:
    if not wanted.phone:
        return ""
    try:
        phone = numbers.check_phone(wanted.phone)
    except numbers.BadNumber:
        return ""
    values["phone"] = sealing.digest("phone", phone)
    return "phone_digest = %(phone)s"


def _by_archive(wanted: box.Wanted, values: dict[str, Any]) -> str:
    if not wanted.archive_number:
        return ""
    values["archive"] = wanted.archive_number
    return "archive_number = %(archive)s"


def _by_prefix(wanted: box.Wanted, values: dict[str, Any]) -> str:
    span = box.birth_range(wanted.number_prefix) if wanted.number_prefix else None
    if span is None:
        return ""
    low, high = span
    values |= {"area": sealing.short_digest("area", wanted.number_prefix[:6]), "born_from": low, "born_to": high}
    return (
        "birth_date between %(born_from)s and %(born_to)s and exists (select 1 from residents_identifier i "
        "where i.resident_id = r.id and i.is_active and i.area_digest = %(area)s)"
    )


def _beginning_with(prefix: str, keys: list[UUID]) -> list[UUID]:
    """The area and the birth date have narrowed it; beyond them only the opened number tells."""
    if len(prefix) <= 14:
        return keys
    held = Identifier.objects.filter(resident_id__in=keys, is_active=True, area_digest__isnull=False)
    true = {i.resident_id for i in held if sealing.unseal(i.sealed, f"identifier:{i.id}").startswith(prefix)}
    return [key for key in keys if key in true]
