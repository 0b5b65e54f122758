"""Posted settlements as facts: what the budget, the reports and the reconciliation count."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from yigong.core import statements
from yigong.insurance.settlement.data import SettlementFact
from yigong.insurance.settlement.models import FUNDS, Settlement

_WORKED = {
    "worked_ratio": F("working__figures__0"),
    "held": F("working__case__identities"),
    "treated": F("working__case__disease"),
}
_FIELDS = tuple(
    name for name in SettlementFact.__dataclass_fields__ if name not in {"reverses", "ratio", "identities", "disease"}
)
SUMS = ("total", "in_scope", *FUNDS, "institution_part", "relief", "person", "account")


def posted(
    *,
    since: date | None = None,
    until: date | None = None,
    institution_ids: Collection[UUID] | None = None,
    scheme: str | None = None,
) -> QuerySet[Settlement]:
    """Rows that count: settled and corrections, by the day on which they were made; ``until`` is the first day that does not count."""
    rows = Settlement.objects.filter(settled_on__isnull=False)
    wanted = Q()
    if since is not None:
        wanted &= Q(settled_on__gte=since)
    if until is not None:
        wanted &= Q(settled_on__lt=until)
    if institution_ids is not None:
        wanted &= Q(institution_id__in=institution_ids)
    if scheme is not None:
        wanted &= Q(scheme=scheme)
    return rows.filter(wanted)


def settled_facts(
    *, since: date, until: date, institution_ids: Collection[UUID] | None = None, scheme: str | None = None
) -> Iterator[SettlementFact]:
    """Every fact of a span in the order of posting. For statistics: no decision about a person is made here."""
    rows = posted(since=since, until=until, institution_ids=institution_ids, scheme=scheme).order_by("settled_on", "id")
    for row in rows.values(*_FIELDS, "reverses_id", **_WORKED).iterator(chunk_size=2000):
        yield _fact(row)


def settled_fact(settlement_id: UUID) -> SettlementFact | None:
    """One fact by its key; None when it was not posted."""
    row = posted().filter(pk=settlement_id).values(*_FIELDS, "reverses_id", **_WORKED).first()
    return _fact(row) if row else None


def _fact(row: dict[str, Any]) -> SettlementFact:
    """A row with what its calculation looked at; people who paid all themselves and corrections have none."""
    ratio, held, treated = (row.pop(name) for name in _WORKED)
    return SettlementFact(
        reverses=row.pop("reverses_id"), ratio=ratio or 0, identities="|".join(held or ()), disease=treated or "", **row
    )


def settled_sums(
    *,
    since: date,
    until: date,
    by: tuple[str, ...] = ("month",),
    institution_ids: Collection[UUID] | None = None,
    scheme: str | None = None,
) -> list[dict[str, Any]]:
    """Sums of the facts of a span, grouped by any of ``month``, ``institution_id``, ``scheme``, ``kind``, ``place``; ``count`` is settlements
    less corrections. Corrections carry negative sums, so the totals are net."""
    rows = posted(since=since, until=until, institution_ids=institution_ids, scheme=scheme)
    sums = {f"{name}_sum": Sum(name) for name in SUMS}
    made, taken = Count("id", filter=Q(reverses__isnull=True)), Count("id", filter=Q(reverses__isnull=False))
    found = rows.values(*by).annotate(made=made, taken=taken, **sums).order_by(*by)
    return [
        {
            **{name: row[name] for name in by},
            "count": row["made"] - row["taken"],
            **{name: row[f"{name}_sum"] for name in SUMS},
        }
        for row in found
    ]


def numbers_settled(numbers: Collection[str]) -> set[str]:
    """Which of these numbers of a platform, or of our own, stand on settlements made at the counters here."""
    given = {"numbers": list(numbers)}
    rows = statements.fetch(
        "select settlement_ref from settlement_settlement where settlement_ref <> '' and settlement_ref = any(%(numbers)s) "
        "union all select number from settlement_settlement where number = any(%(numbers)s)",
        given,
    )
    return {number for (number,) in rows}
