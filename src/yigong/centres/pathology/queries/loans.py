"""Loans of blocks and slides."""

from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from yigong.centres.pathology.models import Loan
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.core.paging import Page, page_of


def listed(actor: Actor, *, view: str, text: str = "", page: int = 1) -> Page[Loan]:
    """Loans of the actor's centre; overdue ones first where something is out."""
    rows = Loan.objects.filter(centre_id__in=actor.places)
    if view in {"out", "overdue"}:
        rows = rows.filter(state="out")
    if view == "overdue":
        rows = rows.filter(due_on__lt=clock.today())
    if view == "closed":
        rows = rows.filter(state="closed")
    if text := text.strip()[:40]:
        code = Q(items__specimen__code__startswith=text.upper())
        rows = rows.filter(Q(number=text.upper()) | Q(borrower__startswith=text) | Q(phone=text) | code)
    still = Count("items", filter=Q(items__returned_at__isnull=True, items__lost_at__isnull=True), distinct=True)
    rows = rows.annotate(pieces=Count("items", distinct=True), still_out=still)
    return page_of(rows.order_by("due_on" if view != "closed" else "-closed_at", "id"), page=page)


def totals(actor: Actor) -> dict[str, int]:
    """How many loans each tab holds."""
    today = clock.today()
    return Loan.objects.filter(centre_id__in=actor.places).aggregate(
        out=Count("id", filter=Q(state="out")), overdue=Count("id", filter=Q(state="out", due_on__lt=today)),
        closed=Count("id", filter=Q(state="closed")),
    )  # fmt: skip


def one(loan_id: UUID, actor: Actor) -> Loan:
    """One loan of the actor's centre."""
    row = Loan.objects.select_related("order", "centre").prefetch_related("items__specimen").filter(pk=loan_id).first()
    if row is None:
        raise NotFound()
    if not actor.is_system and row.centre_id not in actor.places:
        raise Forbidden(_("这张借出单属于另一家病理中心。"))
    return row
