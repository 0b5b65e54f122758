"""Packs, scans and what lies where."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from yigong.access.data import Decision, Subject
from yigong.centres.sterile.data import UsedPack
from yigong.centres.sterile.models import Pack, RecallItem, Round, Scan
from yigong.centres.sterile.policies import FIGURES, PROCESS, RECALL
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.residents import api as residents

SOON = timedelta(days=7)


def sees_all(actor: Actor) -> bool:
    """Quality manager, director and health bureau look at every pack, without patients."""
    return actor.is_system or (actor.has(FIGURES) and actor.role in {"quality_manager", "director", "bureau"})


def visible(actor: Actor) -> QuerySet[Pack]:
    """The centre's own packs, and what lies at the actor's institutions."""
    if sees_all(actor):
        return Pack.objects.all()
    mine = Q(holder_id__in=actor.places)
    return Pack.objects.filter(mine | Q(centre_id__in=actor.places) if actor.has(PROCESS) else mine)


def listed(actor: Actor, *, text: str = "", state: str = "", set_code: str = "", soon: bool = False) -> QuerySet[Pack]:
    """The list: by code, name, initials; state; what expires within a week first where asked."""
    rows = visible(actor).select_related("round", "holder")
    if text:
        wanted = text.strip().upper()
        rows = rows.filter(
            Q(number__startswith=wanted) | Q(round__label__startswith=wanted) | Q(set_name__contains=text.strip())
            | Q(set_initials__startswith=text.strip().lower())
        )  # fmt: skip
    if state:
        rows = rows.filter(state=state) if state != "blocked" else rows.filter(blocked=True)
    if set_code:
        rows = rows.filter(set_code=set_code)
    if soon:
        until = clock.today() + SOON
        rows = rows.filter(state__in=["stored", "issued", "received"], round__expires_on__lte=until)
        return rows.order_by("round__expires_on", "number")
    return rows.order_by("number")


def counts(actor: Actor) -> dict[str, int]:
    """How many of the visible packs are in each state."""
    found = visible(actor).values("state").annotate(n=Count("id"))
    return {row["state"]: row["n"] for row in found}


def by_set(holder_id: UUID, state: str) -> list[dict[str, Any]]:
    """What lies at a place in a state, by set."""
    found = Pack.objects.filter(holder_id=holder_id, state=state).values("set_code", "set_name").annotate(n=Count("id"))
    return [dict(row) for row in found.order_by("set_name")]


def scans_of(row: Round) -> list[Scan]:
    """Every scan of one round, oldest first."""
    return list(row.scans.select_related("load__machine", "institution").order_by("at", "id"))


def recent(institution_id: UUID | None, actions: Iterable[str], limit: int = 12) -> list[Scan]:
    """The last scans at a place, newest first."""
    if institution_id is None:
        return []
    rows = Scan.objects.filter(institution_id=institution_id, action__in=list(actions))
    return list(rows.select_related("pack", "round", "undone_by").order_by("-at", "-id")[:limit])


def held_about(ids: Iterable[UUID]) -> int:
    """How many used packs are kept under these residents' keys."""
    return Round.objects.filter(resident_id__in=list(ids)).count()


def used_in(resident_id: UUID, limit: int = 20) -> list[UsedPack]:
    """Packs used in a person, newest first. The caller has decided about the person."""
    called = RecallItem.objects.filter(round=OuterRef("pk"), state__in=["exposed", "assessed"])
    rows = Round.objects.filter(resident_id__in=residents.identities(resident_id)).annotate(called=Exists(called))
    return [_used(row) for row in rows.select_related("pack", "load").order_by("-used_at")[:limit]]


def used_of_encounter(encounter_id: UUID) -> list[UsedPack]:
    """Packs used in one encounter. The caller has decided about the person."""
    called = RecallItem.objects.filter(round=OuterRef("pk"), state__in=["exposed", "assessed"])
    rows = Round.objects.filter(encounter_id=encounter_id).annotate(called=Exists(called))
    return [_used(row) for row in rows.select_related("pack", "load").order_by("used_at")]


def _used(row: Any) -> UsedPack:
    return UsedPack(
        row.label, row.pack.set_name, row.used_at, row.used_for, row.destination_id, row.encounter_id, row.sterilised_on,
        row.load.number if row.load else "", row.called,
    )  # fmt: skip


def decide_use(actor: Actor, action: str, round_id: UUID) -> Decision:
    """May the actor see in whom a pack was used? Where it was used, and who handles recalls at the centre that prepared it."""
    row = Round.objects.filter(pk=round_id).select_related("pack").first()
    if row is None or row.resident_id is None:
        return Decision(False, "none", "")
    here = actor.places
    if row.destination_id is not None and (actor.is_system or row.destination_id in here):
        return Decision(
            True, "encounter", network.institution(row.destination_id).short_name, resident_id=row.resident_id
        )
    called = RecallItem.objects.filter(round=row).exists()
    if called and actor.has(RECALL) and row.pack.centre_id in here:
        return Decision(True, "recall", "", resident_id=row.resident_id)
    return Decision(False, "none", "", resident_id=row.resident_id)


def subject(row: Round) -> Subject:
    """The round as something to decide about."""
    return Subject("sterile_use", row.pk)
