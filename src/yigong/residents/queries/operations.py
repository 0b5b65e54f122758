"""Reads of changes of links: the history of a person, what stands in the way of an undo."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of
from yigong.network import api as network
from yigong.residents.data import LinkOperationData
from yigong.residents.models import LinkOperation, SourceRecord
from yigong.residents.queries.people import identities, resident_names, resolve

Kind, State = LinkOperation.Kind, LinkOperation.State


def operation(operation_id: UUID) -> LinkOperation:
    """One operation, or NotFound."""
    found = LinkOperation.objects.filter(pk=operation_id).first()
    if found is None:
        raise NotFound(_("没有找到这次操作，可能网址不完整。"))
    return found


def operation_data(row: LinkOperation) -> LinkOperationData:
    """The operation as pages and other rooms see it."""
    return _to_data([row])[0]


def operations_of(resident_id: UUID) -> list[LinkOperationData]:
    """All changes of links of a person under any of its keys, newest first."""
    keys = identities(resident_id)
    rows = LinkOperation.objects.filter(Q(origin_id__in=keys) | Q(target_id__in=keys))
    return _to_data(list(rows.order_by("-asked_at", "-id")))


def operations(state: str = "", page: int = 1) -> Page[LinkOperationData]:
    """All changes of links, newest first; ``state`` narrows."""
    rows = LinkOperation.objects.filter(state=state) if state else LinkOperation.objects.all()
    return page_of(rows.order_by("-asked_at", "-id"), page=page, convert=_to_data)


def waiting_card(actor: Actor) -> dict[str, Any] | None:
    """The home page's line about merges that wait for a second person; None when there are none for this one."""
    waiting = LinkOperation.objects.filter(state=State.WAITING).exclude(actor_name=actor.name, staff_id=actor.staff_id)
    count = waiting.count()
    return {"waiting": count} if count else None


def _to_data(rows: Collection[LinkOperation]) -> list[LinkOperationData]:
    names = resident_names({key for r in rows for key in (r.origin_id, r.target_id)})
    labels = _labels({key for r in rows for key in r.records})
    return [
        LinkOperationData(
            id=r.id, kind=r.kind, kind_label=_(str(LinkOperation.Kind(r.kind).label)), state=r.state,
            state_label=_(str(LinkOperation.State(r.state).label)), origin_id=r.origin_id, target_id=r.target_id,
            origin_name=names[r.origin_id].name, target_name=names[r.target_id].name,
            records=tuple(r.records), moved=_some([labels[key] for key in r.records if key in labels]), reason=r.reason, why_two=r.why_two, by=r.actor_name, staff_id=r.staff_id,
            asked_at=r.asked_at, done_at=r.done_at, second_by=r.second_name, second_note=r.second_note, undoes_id=r.undoes_id,
        )
        for r in rows
    ]  # fmt: skip


def _labels(record_ids: Collection[UUID]) -> dict[UUID, str]:
    """Source records as they were registered: name, day of birth, by whom."""
    rows = list(SourceRecord.objects.filter(pk__in=record_ids))
    places = network.institutions({r.institution_id for r in rows if r.institution_id})
    told = {}
    for row in rows:
        place = places.get(row.institution_id) if row.institution_id else None
        by = _("%(place)s登记") % {"place": place.short_name or place.name} if place else ""
        told[row.id] = " ".join(filter(None, [row.given.get("name", ""), str(row.given.get("birth_date") or ""), by]))
    return told


def _some(labels: list[str]) -> str:
    found = list(dict.fromkeys(labels))
    more = _("等 %(n)s 条") % {"n": len(labels)} if len(found) > 3 else ""
    return "、".join(found[:3]) + more


def _later(row: LinkOperation) -> QuerySet[LinkOperation]:
    after = Q(done_at__gt=row.done_at) | Q(done_at=row.done_at, id__gt=row.id)
    return LinkOperation.objects.filter(after, state=State.DONE).exclude(kind=Kind.UNDO).order_by("-done_at", "-id")


def blocker_of(row: LinkOperation) -> LinkOperation | None:
    """The newest later operation that must be undone before this one can be; None when nothing stands in the way."""
    later = _later(row)
    moved_on = later.filter(records__overlap=row.records).first()
    if moved_on:
        return moved_on
    if row.kind != Kind.MERGE:
        gone = later.filter(kind=Kind.MERGE, origin_id=row.origin_id).first()
        if gone:
            return gone
    if leaves_nothing(row):
        every = LinkOperation.objects.filter(state=State.DONE, origin_id=row.target_id).exclude(kind=Kind.UNDO)
        return every.exclude(pk=row.id).order_by("-done_at", "-id").first()
    return None


def leaves_nothing(row: LinkOperation) -> bool:
    """Whether the identity that received the records has no other."""
    return not SourceRecord.objects.filter(resident_id=row.target_id).exclude(pk__in=row.records).exists()


def heir_of(row: LinkOperation) -> UUID | None:
    """Where an identity that a split had made leads to once its last records are gone: to the person it was split from."""
    splits = LinkOperation.objects.filter(kind__in=[Kind.SPLIT, Kind.UNLINK], target_id=row.target_id)
    made = splits.filter(moves__created=str(row.target_id)).first()
    if made is None or (made.state == State.DONE and made.id != row.id):
        return None
    heir = resolve([made.origin_id])[made.origin_id]
    return heir if heir != row.target_id else None
