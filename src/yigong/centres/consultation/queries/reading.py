"""What pages and other parts of the house read of consultations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from yigong.centres.consultation.models import Consultation, Invitation
from yigong.centres.consultation.rules.workflow import INVITATION
from yigong.core import statements
from yigong.core.actor import Actor
from yigong.core.paging import Page, page_of
from yigong.orders.data import CriticalData, OrderData
from yigong.residents import api as residents
from yigong.residents.data import ResidentName

VIEWS = {"waiting": ("invited",), "coming": ("accepted",), "done": ("opined", "declined", "absent", "withdrawn")}
# Asked at every visit of the home page, and seldom with an answer.
_NEXT = """select id from consultation_invitation where expert_id = %(staff)s and state in ('invited', 'accepted')
order by starts_at, id limit 5"""


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One line of an expert's list."""

    id: UUID
    order_id: UUID
    kind: str
    urgent: bool
    starts_at: datetime
    state: str
    state_label: str
    due_at: datetime | None
    from_name: str
    resident: ResidentName | None


def mine(actor: Actor, *, view: str = "waiting", page: int = 1) -> Page[InvitationRow]:
    """The actor's own invitations."""
    rows = _own(actor).filter(state__in=VIEWS.get(view, VIEWS["waiting"]))
    order = ("-starts_at", "-id") if view == "done" else ("starts_at", "id")
    found = page_of(rows.order_by(*order), page=page)
    names = residents.resident_names({i.consultation.order.resident_id for i in found.items})
    return found.map(lambda row: _row(row, names))


def counts(actor: Actor) -> dict[str, int]:
    """How many of the actor's invitations wait for an answer, and how many are coming."""
    return {view: _own(actor).filter(state__in=VIEWS[view]).count() for view in ("waiting", "coming")}


def home_card(actor: Actor) -> dict[str, Any] | None:
    """The card of somebody who is invited; nothing for others."""
    if actor.staff_id is None:
        return None
    keys = [key for (key,) in statements.fetch(_NEXT, {"staff": actor.staff_id})]
    if not keys:
        return None
    rows = list(_own(actor).filter(pk__in=keys).order_by("starts_at", "id"))
    names = residents.resident_names({row.consultation.order.resident_id for row in rows})
    return {"rows": [_row(row, names) for row in rows]}


def alarm_panel(critical: CriticalData, order: OrderData) -> tuple[str, dict[str, Any]] | None:
    """The referral that critical advice proposes, on the page of its alarm."""
    return "consultation/refer.html", {"refer": refer_url(order.resident_id, "emergency")}


def refer_url(resident_id: UUID, urgency: str) -> str:
    """The address of a referral form for this resident, where the house has one."""
    try:
        return f"{reverse('referrals:new')}?resident={resident_id}&urgency={urgency}"
    except NoReverseMatch:
        return ""


def held_about(ids: Iterable[UUID]) -> int:
    """How many consultations are kept under these residents' keys."""
    return Consultation.objects.filter(order__resident_id__in=list(ids)).count()


def _own(actor: Actor) -> QuerySet[Invitation]:
    return Invitation.objects.filter(expert_id=actor.staff_id).select_related(
        "consultation__order__requesting_institution"
    ).prefetch_related("consultation__order__items")  # fmt: skip


def _row(row: Invitation, names: dict[UUID, ResidentName]) -> InvitationRow:
    order = row.consultation.order
    return InvitationRow(
        row.pk, order.pk, "、".join(i.name for i in order.items.all()), order.priority == "urgent", row.starts_at, row.state,
        _(INVITATION.states[row.state].label), row.due_at, order.requesting_institution.short_name, names.get(order.resident_id),
    )  # fmt: skip


def took_part(order_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """The experts who were invited to some consultations, by order."""
    found: dict[UUID, set[UUID]] = {}
    rows = Invitation.objects.filter(consultation__order_id__in=order_ids)
    for order, expert in rows.values_list("consultation__order_id", "expert_id"):
        found.setdefault(order, set()).add(expert)
    return found
