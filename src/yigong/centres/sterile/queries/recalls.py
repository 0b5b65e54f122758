"""Recalls as the actor may see them."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yigong.access import api as access
from yigong.centres.sterile.models import Recall, RecallItem
from yigong.centres.sterile.policies import FIGURES, PROCESS, RECEIVE
from yigong.centres.sterile.queries.packs import sees_all
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.residents import api as residents

OPEN = ("wanted", "sealed", "exposed")


def visible_recalls(actor: Actor) -> QuerySet[Recall]:
    """Recalls of the own centre, and those that touch the own institution."""
    rows = Recall.objects.select_related("machine", "test")
    if not sees_all(actor):
        mine = RecallItem.objects.filter(holder_id__in=actor.places).values("recall_id")
        rows = rows.filter(Q(centre_id__in=actor.places) | Q(pk__in=mine))
    left = Count("items", filter=Q(items__state__in=OPEN))
    return rows.annotate(n=Count("items"), left=left).order_by("-opened_at")


def recall_of(recall_id: UUID, actor: Actor) -> Any:
    """One recall or NotFound."""
    row = visible_recalls(actor).filter(pk=recall_id).first()
    if row is None:
        raise NotFound()
    return row


def items_of(row: Recall, actor: Actor) -> QuerySet[RecallItem]:
    """The centre sees all items, an institution its own."""
    rows = row.items.select_related("pack", "round", "load", "holder")
    if not (sees_all(actor) or row.centre_id in actor.places):
        rows = rows.filter(holder_id__in=actor.places)
    return rows.order_by("holder__name", "state", "round__label")


def figures_of(rows: QuerySet[RecallItem]) -> Counter[str]:
    """How many items stand in which state, and how many patients (``patients``)."""
    found = Counter({row["state"]: row["n"] for row in rows.order_by().values("state").annotate(n=Count("id"))})
    found["patients"] = rows.order_by().exclude(resident=None).values("resident_id").distinct().count()
    return found


def patients_of(items: list[RecallItem], actor: Actor) -> dict[UUID, Any]:
    """Names by item, where the actor may know them; each one shown is logged."""
    exposed = [item for item in items if item.resident_id]
    allowed = access.decide_many(actor, "read_detail", "sterile_use", [item.round_id for item in exposed])
    names = residents.resident_names(
        [item.resident_id for item in exposed if item.resident_id and allowed[item.round_id].allowed]
    )
    return {
        item.pk: names.get(item.resident_id) for item in exposed if item.resident_id and allowed[item.round_id].allowed
    }


def home_card(actor: Actor) -> dict[str, Any] | None:
    """Open recalls for those who watch the room without having it in their menu."""
    if actor.has(PROCESS) or not (actor.has(RECEIVE) or actor.has(FIGURES)):
        return None
    return {"recalls": [row for row in visible_recalls(actor)[:20] if row.state == "open"][:5]}
