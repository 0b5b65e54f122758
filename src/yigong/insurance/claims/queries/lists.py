"""Pages of settlement lists."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of
from yigong.insurance.claims.data import ListRow
from yigong.insurance.claims.models import Finding, GatewayMessage, SettlementList
from yigong.insurance.claims.queries.access import visible_lists
from yigong.insurance.claims.rules.workflow import LIST
from yigong.network import api as network

PAGE = 20


def one(list_id: UUID, *, actor: Actor) -> SettlementList:
    """One list, after a logged decision."""
    access.require(actor, "read_detail", Subject("settlement_list", list_id))
    row = SettlementList.objects.filter(pk=list_id).first()
    if row is None:
        raise NotFound()
    return row


def page_of_lists(*, actor: Actor, filters: dict[str, Any], page: int = 1) -> Page[ListRow]:
    """The lists that count (old revisions are reached from the new ones), those with the nearest end of time first."""
    rows = filtered(visible_lists(actor).exclude(state="corrected"), filters)
    return page_of(rows.order_by("due_at", "-number"), page=page, limit=PAGE, convert=_rows)


def filtered(rows: QuerySet[SettlementList], filters: dict[str, Any]) -> QuerySet[SettlementList]:
    """Narrowed by month, state, department, rule and text."""
    if month := filters.get("month"):
        rows = rows.filter(month=month)
    if state := filters.get("state"):
        rows = rows.filter(state=state)
    if department := filters.get("department"):
        rows = rows.filter(department_id=department)
    if rule := filters.get("rule"):
        rows = rows.filter(pk__in=Finding.objects.filter(rule=rule).values("of"))
    for word in str(filters.get("text") or "").split():
        rows = rows.filter(
            Q(patient_name__icontains=word) | Q(number__istartswith=word) | Q(settlement_number__istartswith=word)
        )
    return rows


def _rows(found: Sequence[SettlementList]) -> list[ListRow]:
    departments = network.departments_many({row.department_id for row in found if row.department_id})
    places = network.institutions({row.institution_id for row in found})
    return [
        ListRow(
            id=row.id, number=row.number, revision=row.revision, state=row.state, state_label=LIST.label(row.state),
            patient_name=row.patient_name, patient_note=row.patient_note, institution=places[row.institution_id].short_name,
            department=departments[row.department_id].name if row.department_id in departments else "",
            main_diagnosis=f"{row.main_code} {row.main_name}", settled_on=row.settled_on, due_at=row.due_at, total=row.total,
            drg_code=row.drg_code, blocks=row.blocks, warns=row.warns,
        )
        for row in found
    ]  # fmt: skip


def choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: states, departments that occur, rules that were hit."""
    rows = visible_lists(actor)
    keys = [key for key in rows.order_by().values_list("department_id", flat=True).distinct() if key]
    departments = network.departments_many(keys)
    hit = Finding.objects.filter(of__in=rows.values("id")).order_by("rule").values_list("rule", flat=True).distinct()
    return {
        "state": [(code, LIST.label(code)) for code in LIST.states if code != "corrected"],
        "department": sorted(((str(key), one.name) for key, one in departments.items()), key=lambda pair: pair[1]),
        "rule": [(rule, rule) for rule in hit],
    }


def counts(actor: Actor, month: date | None) -> dict[str, int]:
    """How many lists stand where, and how many of those not yet out have blocking findings."""
    rows = visible_lists(actor)
    if month:
        rows = rows.filter(month=month)
    found = dict(rows.order_by().values_list("state").annotate(n=Count("id")))
    return found | {"faulty": rows.filter(state="draft", blocks__gt=0).count()}


def message_page(*, actor: Actor, page: int = 1) -> Page[GatewayMessage]:
    """Messages about lists of the actor's institutions, newest first; what they contain is not shown in the list."""
    rows = (
        GatewayMessage.objects.filter(of__institution_id__in=actor.institution_ids)
        .select_related("of")
        .defer("envelope")
    )
    return page_of(rows.order_by("-at", "-id"), page=page, limit=PAGE)


def home_card(actor: Actor) -> dict[str, int] | None:
    """What waits at the coder's desk; nothing while there are no lists."""
    found = counts(actor, None)
    return (
        {name: found.get(name, 0) for name in ("draft", "checked", "rejected", "faulty")}
        if any(found.values())
        else None
    )
