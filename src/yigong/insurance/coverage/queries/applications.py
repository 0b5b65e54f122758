"""Applications: the office's list, an institution's own, one of them, and what of a record can be handed in."""

from typing import Any
from uuid import UUID

from yigong.access import api as access
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of
from yigong.core.rights import note_decision
from yigong.insurance.coverage import policies
from yigong.insurance.coverage.models import Application
from yigong.insurance.coverage.queries.person import access_person
from yigong.insurance.coverage.workflow import APPLICATION
from yigong.records import api as records
from yigong.residents import api as residents

OPEN = ("asked", "returned")


def applications(actor: Actor, *, state: str, page: int) -> Page[Application]:
    """Those of the whole region for the office, of the own institutions for everybody else; who waits longest first while they are open."""
    rows = Application.objects.all()
    if not actor.has(policies.KEEP):
        rows = rows.filter(institution_id__in=actor.places)
    rows = rows.filter(state=state) if state in APPLICATION.states else rows.filter(state__in=OPEN)
    open_ones = state in ("", *OPEN)
    found = page_of(rows.order_by("state_since", "id") if open_ones else rows.order_by("-id"), page=page, limit=20)
    kind = "coverage" if actor.has(policies.KEEP) else "resident"
    if found.items:
        access.decide_many(actor, "read_detail", kind, [row.resident_id for row in found.items])
    else:
        note_decision()
    return found


def application(application_id: UUID, actor: Actor) -> tuple[Application, Any]:
    """One application with its person, after a logged decision."""
    row = Application.objects.select_related("entitlement").filter(pk=application_id).first()
    if row is None or not (actor.has(policies.KEEP) or row.institution_id in actor.places):
        raise NotFound()
    return row, access_person(row.resident_id, actor)


def of_person(resident_id: UUID) -> list[Application]:
    """A person's applications, the latest first; for a page that has decided."""
    rows = Application.objects.filter(resident_id__in=residents.identities(resident_id))
    return list(rows.order_by("-id")[:20])


def offered(resident_id: UUID, actor: Actor) -> list[tuple[str, str]]:
    """What of the record can be handed in: the latest diagnoses, results, documents and operations, as choices."""
    found = records.timeline(resident_id, actor=actor, kinds=["condition", "result", "document", "procedure"], limit=30)
    return [
        (f"{one.kind}:{one.id}", f"{one.at.date():%Y-%m-%d} {one.kind_label} {one.title} {one.institution_name}") for one in found.items
    ]  # fmt: skip


def held_about(ids: Any) -> int:
    """How many applications are kept under these residents' keys."""
    return Application.objects.filter(resident_id__in=ids).count()
