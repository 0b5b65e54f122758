"""Applications for an entitlement: asked by the doctor, granted, sent back or refused by the insurance office."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.insurance.coverage import policies
from yigong.insurance.coverage.commands.periods import register_entitlement
from yigong.insurance.coverage.data import NewApplication
from yigong.insurance.coverage.errors import AlreadyAsked, NotInsured
from yigong.insurance.coverage.models import Application, Entitlement
from yigong.insurance.coverage.parameters import application_rule
from yigong.insurance.coverage.queries.coverage import coverages_on
from yigong.insurance.coverage.queries.person import asked_for
from yigong.insurance.coverage.workflow import APPLICATION
from yigong.network import api as network
from yigong.records import api as records
from yigong.records.data import TimelineItem
from yigong.residents import api as residents
from yigong.tasks import api as tasks

EARLIEST = timedelta(days=180)


@racing("coverage.apply")
@transaction.atomic
def apply(*, resident_id: UUID, given: NewApplication, actor: Actor) -> UUID:
    """Ask for an entitlement. The actor needs a relationship with the person; AlreadyAsked, NotInsured; InvalidInput names the fields."""
    if not actor.has(policies.APPLY) or actor.institution_id is None:
        raise Forbidden()
    person = residents.access_resident(resident_id, actor=actor, action="write", purpose=_("申报待遇资格"))
    if given.kind not in Entitlement.Kind.values or given.kind == Entitlement.Kind.INSTITUTION:
        raise NotFound()
    if not coverages_on(person.id, clock.today()):
        raise NotInsured(on=clock.today())
    row = Application(
        number=dated_number("application", "RD"), resident_id=person.id, kind=given.kind, code=given.code, institution_id=actor.institution_id,
        institution_name=actor.institution_name[:100], doctor_id=actor.staff_id, doctor_name=actor.name[:80],
    )  # fmt: skip
    _fill(row, given, actor)
    with refusing(one_open_application=AlreadyAsked()):
        start(APPLICATION, row, "asked", actor=actor)
    _tell_office(row)
    return row.id


def _fill(row: Application, given: NewApplication, actor: Actor) -> None:
    """What the doctor writes, checked."""
    known = asked_for(row.kind, clock.today())
    faults = {
        name: _("请填写。") for name in ("diagnosis", "opinion") if not str(getattr(given, name)).strip()
    }  # fmt: skip
    if given.code not in known:
        faults["code"] = _("请从列表中选择。")
    if row.kind == Entitlement.Kind.ELSEWHERE and not given.destination.strip():
        faults["destination"] = _("请写明转往的医疗机构或地区。")
    if abs(given.starts_on - clock.today()) > EARLIEST:
        faults["starts_on"] = _("起始日期应在今天前后半年之内。")
    if faults:
        raise InvalidInput(errors=faults)
    row.code, row.title, row.diagnosis = given.code, known[given.code][:120], given.diagnosis.strip()[:200]
    row.opinion, row.destination, row.starts_on = (
        given.opinion.strip(),
        given.destination.strip()[:200],
        given.starts_on,
    )
    row.evidence = _evidence(row.resident_id, given.evidence, actor)


def _evidence(resident_id: UUID, wanted: Collection[tuple[str, UUID]], actor: Actor) -> list[dict[str, Any]]:
    """Entries of the record as they read now: the office sees what was handed in and nothing else of the record."""
    if not wanted:
        return []
    return [
        {
            "title": one.title, "kind": one.kind_label, "on": one.at.astimezone(clock.SHANGHAI).date().isoformat(),
            "place": one.institution_name, "lines": _lines(one, actor), "key": f"{one.kind}:{one.id}",
        }
        for one in records.entries(resident_id, list(wanted), actor=actor)
    ]  # fmt: skip


def _lines(one: TimelineItem, actor: Actor) -> list[str]:
    """What an entry says: the text of a document, the values of a result, else its own short lines."""
    if one.kind == "document":
        document = records.document(one.id, actor=actor)
        written = document.text.splitlines() or [f"{name}：{said}" for name, said in document.content.items() if said]
    else:
        written = [f"{value.name} {value.shown}" for value in one.results] or list(one.lines)
    return [line[:300] for line in written if line.strip()][:40]


@transaction.atomic
def resubmit(*, application_id: UUID, given: NewApplication, actor: Actor) -> None:
    """Mend what was sent back and ask again."""
    row = _row(application_id)
    residents.access_resident(row.resident_id, actor=actor, action="write", purpose=_("申报待遇资格"))
    _fill(row, given, actor)
    names = ("code", "title", "diagnosis", "opinion", "destination", "starts_on", "evidence")
    with refusing(one_open_application=AlreadyAsked()):
        row = transition(APPLICATION, row, "resubmit", actor=actor, **{name: getattr(row, name) for name in names})
    tasks.resolve_task(key=_key(row, "returned", row.version - 1), actor=actor)
    _tell_office(row)


@racing("coverage.grant")
@transaction.atomic
def grant(*, application_id: UUID, starts_on: date, ends_on: date | None, actor: Actor, opinion: str = "") -> UUID:
    """Grant it: the entitlement begins in the same transaction. AlreadyHeld when it holds on a day of the period."""
    row = _row(application_id)
    row = transition(
        APPLICATION, row, "grant", actor=actor, reason=opinion, decided_by=actor.name[:80], decided_on=clock.today(),
        entitlement=Entitlement(pk=_begin(row, starts_on, ends_on, actor)),
    )  # fmt: skip
    tasks.resolve_task(key=_key(row, "application", row.version - 1), actor=actor)
    assert row.entitlement_id is not None
    return row.entitlement_id


def _begin(row: Application, starts_on: date, ends_on: date | None, actor: Actor) -> UUID:
    return register_entitlement(
        resident_id=row.resident_id, kind=row.kind, code=row.code, starts_on=starts_on, ends_on=ends_on,
        source=_("申报 %(number)s") % {"number": row.number}, actor=actor,
    )  # fmt: skip


@racing("coverage.answer")
@transaction.atomic
def answer(*, application_id: UUID, action: str, reason: str, actor: Actor) -> None:
    """Send it back to be completed, refuse it, or (the applicant) recall it; each with a reason."""
    if action not in ("return", "refuse", "recall"):
        raise NotFound()
    values: dict[str, Any] = {} if action != "refuse" else {"decided_by": actor.name[:80], "decided_on": clock.today()}
    before = _row(application_id).state
    row = transition(APPLICATION, _row(application_id), action, actor=actor, reason=reason, **values)
    tasks.resolve_task(
        key=_key(row, "returned" if before == "returned" else "application", row.version - 1), actor=actor
    )
    if action == "return":
        _tell_doctor(row)


def _row(application_id: UUID) -> Application:
    row = Application.objects.filter(pk=application_id).first()
    if row is None:
        raise NotFound()
    return row


def _key(row: Application, what: str, version: int) -> str:
    """Each round of asking and sending back is a task of its own."""
    return f"coverage.{what}.{row.id}.{version}"


def _tell(row: Application, what: str, title: str, **whom: Any) -> None:
    tasks.open_task(
        key=_key(row, what, row.version), kind=f"coverage.{what}", title=title % {"what": row.title}, about_resident_id=row.resident_id,
        url=f"/coverage/applications/{row.id}/", subject=("application", row.id), **whom,
    )  # fmt: skip


def _tell_office(row: Application) -> None:
    """The insurance office of the community's lead, and until when it has to answer."""
    due = clock.now() + timedelta(days=application_rule(row.kind).answer_days)
    office = network.ancestors(row.institution_id)[-1]
    _tell(row, "application", _("待遇申报待审核：%(what)s"), institution_id=office, role="insurance_clerk", due_at=due)


def _tell_doctor(row: Application) -> None:
    whom: dict[str, Any] = {"staff_id": row.doctor_id} if row.doctor_id else {"role": "gp"}
    _tell(row, "returned", _("待遇申报退回补正：%(what)s"), institution_id=row.institution_id, **whom)
