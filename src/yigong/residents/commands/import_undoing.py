"""Undo of a whole import as one operation.

People that only this import brought are cancelled; its records on people who were known become cancelled identities of their own; numbers that it
brought are free again. Whoever was used since (further records, merged, rows of other rooms) stays, and the counts say how many.
"""

from collections import defaultdict
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.residents import policies
from yigong.residents.commands.writing import search_fields
from yigong.residents.holdings import holdings_of
from yigong.residents.models import CandidatePair, Identifier, LinkChange, Resident, SourceRecord
from yigong.residents.rules.text import tidy_name


@transaction.atomic
def unlink_people(*, batch_id: UUID, reason: str, actor: Actor) -> dict[str, int]:
    """Take back what a batch of ``link_people`` brought: how many people and records went and how many stay."""
    policies.require(actor, policies.LINK)
    with acting(actor, reason=reason[:400]):
        return _undo(batch_id, reason[:400], actor)


def _undo(batch: UUID, text: str, actor: Actor) -> dict[str, int]:
    records = list(SourceRecord.objects.select_for_update().filter(batch=batch).order_by("id"))
    placed = {
        c.source_record_id: c
        for c in LinkChange.objects.filter(source_record__batch=batch, action__in=["register", "link"])
    }
    made = {c.to_resident_id for c in placed.values() if c.action == "register" and c.to_resident_id}
    used = _used(made, batch)
    gone = made - used
    _cancel(gone, text)
    own = [r for r in records if r.resident_id in gone]
    moved = [r for r in records if r.resident_id not in made and placed[r.id].to_resident_id == r.resident_id]
    _take_out(moved, text, actor)
    taken = [r.id for r in (*own, *moved)]
    Identifier.objects.filter(source_record_id__in=taken, is_active=True).update(is_active=False, ended_at=clock.now())
    _rename(taken, batch)
    cancelled = Q(left__status="cancelled") | Q(right__status="cancelled")
    CandidatePair.objects.filter(cancelled, state__in=["open", "later"], found_by="file").delete()
    kept = len(records) - len(taken)
    return {"undone_people": len(gone), "undone_records": len(taken), "kept_records": kept}


def _used(made: set[UUID], batch: UUID) -> set[UUID]:
    """Made by the import and meaning more than it by now."""
    others = SourceRecord.objects.filter(resident_id__in=made).exclude(batch=batch)
    used = set(others.values_list("resident_id", flat=True))
    used |= set(Resident.objects.filter(merged_into_id__in=made).values_list("merged_into_id", flat=True))
    used |= set(Resident.objects.filter(pk__in=made, merged_into__isnull=False).values_list("id", flat=True))
    if holdings_of(made):
        used |= {key for key in made - used if holdings_of([key])}
    return used


def _cancel(gone: set[UUID], text: str) -> None:
    closed = {"status": Resident.Status.CANCELLED, "closed_on": clock.today(), "closed_reason": text[:200]}
    Resident.objects.filter(pk__in=gone).update(**closed)


def _take_out(records: list[SourceRecord], text: str, actor: Actor) -> None:
    """Records on people who were known: one cancelled identity for those of each person."""
    groups: dict[UUID, list[SourceRecord]] = defaultdict(list)
    for record in records:
        groups[record.resident_id].append(record)
    for origin, group in groups.items():
        name = next((n for r in group if (n := tidy_name(r.given.get("name") or "")[:60])), _("无名记录"))
        apart = Resident.objects.create(
            name=name, **search_fields(name), sex=group[0].given.get("sex") or "0", status=Resident.Status.CANCELLED,
            closed_on=clock.today(), closed_reason=text[:200],
        )  # fmt: skip
        keys = [r.id for r in group]
        SourceRecord.objects.filter(pk__in=keys).update(resident=apart)
        Identifier.objects.filter(source_record_id__in=keys).update(
            resident=apart, is_active=False, ended_at=clock.now()
        )
        LinkChange.objects.bulk_create(
            LinkChange(
                source_record_id=key, action="undo", from_resident_id=origin, to_resident_id=apart.id, reason=text[:400],
                actor_name=actor.name, staff_id=actor.staff_id, institution_id=actor.institution_id,
            )
            for key in keys
        )  # fmt: skip


def _rename(keys: list[UUID], batch: UUID) -> None:
    """The same file may come again: the undone records give their numbers back."""
    tail = f"~{batch.hex[-8:]}"
    for record in SourceRecord.objects.filter(pk__in=keys).only("id", "local_number").iterator(2000):
        SourceRecord.objects.filter(pk=record.id).update(local_number=record.local_number[:50] + tail)
