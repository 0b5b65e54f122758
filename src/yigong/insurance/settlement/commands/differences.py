"""The difference desk: what does not agree, with the evidence of both sides, and the ways to settle it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.states.api import start, transition
from yigong.insurance.settlement.gateway import PlatformRow, compared
from yigong.insurance.settlement.models import Difference, Settlement
from yigong.insurance.settlement.rules import DIFFERENCE


def open_difference(row: Settlement, what: str, *, theirs: dict[str, Any] | None) -> Difference:
    """Put a settlement on the desk; the same thing again is the same difference."""
    known = Difference.objects.filter(settlement=row, what=what, state="open").first()
    if known:
        return known
    assert row.institution_id is not None
    difference = Difference(
        what=what, settlement=row, institution_id=row.institution_id, day=row.settled_on or clock.today(), settlement_ref=row.settlement_ref,
        message_id=row.message_id, resident_id=row.resident_id, ours=compared(row), theirs=theirs,
    )  # fmt: skip
    start(DIFFERENCE, difference, "open", actor=system("settlement"))
    return difference


def open_theirs(institution_id: UUID, day: date, theirs: PlatformRow) -> Difference:
    """Something that only the platform knows."""
    known = Difference.objects.filter(
        settlement_ref=theirs.settlement_ref, settlement__isnull=True, state="open"
    ).first()
    if known:
        return known
    difference = Difference(
        what="only_there", institution_id=institution_id, day=day, settlement_ref=theirs.settlement_ref, message_id=theirs.message_id,
        theirs={"total": theirs.total, "funds": theirs.funds, "account": theirs.account, "person_ref": theirs.person_ref, "reversed": theirs.reversed},
    )  # fmt: skip
    start(DIFFERENCE, difference, "open", actor=system("settlement"))
    return difference


@transaction.atomic
def resolve(difference: Difference, *, resolution: str, reason: str, actor: Actor) -> None:
    """Close a difference; the history keeps who, how and why."""
    transition(DIFFERENCE, difference, "resolve", actor=actor, reason=reason, resolution=resolution)


def resolve_of(row: Settlement, *, resolution: str, reason: str, actor: Actor) -> None:
    """Close what is open about a settlement."""
    for difference in Difference.objects.filter(settlement=row, state="open"):
        resolve(difference, resolution=resolution, reason=reason, actor=actor)
