"""What was acquired reaches the centre: matching, receiving, identity, attachments."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.pinyin import initials
from yigong.core.states import api as states
from yigong.orders import policies, queries
from yigong.orders.commands import waiting
from yigong.orders.data import OrderData, StudyIdentity, StudyMatch
from yigong.orders.events import MaterialReceived
from yigong.orders.models import Attachment, Order, OrderStudy, Report
from yigong.orders.rules import ORDER, REPORT, service
from yigong.orders.rules.identity import differences, fold
from yigong.orders.rules.services import service_of_modality
from yigong.residents import api as residents

OPEN_FOR_MATERIAL = {"accepted", "scheduled", "checked_in", "in_progress", "acquired", "repeat", "no_show"}

CLOSED_TO_MATERIAL = {"requested", "cancelled", "rejected", "refused", "stopped"}


class StudyElsewhere(Conflict):
    """The study is attached to another order already."""

    code = "order.study_elsewhere"
    message = "这组图像已归入申请单 %(number)s，请先在“未匹配图像”中解除。"


class MaterialTooEarly(Conflict):
    """The order is not accepted or has ended."""

    code = "order.not_open"
    message = "申请单 %(number)s 当前为“%(state)s”，不能接收图像。"


@racing("orders.study_received")
@transaction.atomic
def study_received(
    *,
    study_uid: str,
    modality: str,
    images: int,
    actor: Actor,
    order_id: UUID | None = None,
    accession: str = "",
    institution_id: UUID | None = None,
    identity: StudyIdentity | None = None,
) -> OrderData:
    """A study belongs to this order (by key or accession number): the order is uploaded and a report waits for a reader.

    Again with the same study only updates the number of images. ``identity`` is what the images say; a difference from the
    order blocks the report until ``resolve_identity``. Raises StudyElsewhere, MaterialTooEarly, NotFound.
    """
    order = _locked(order_id, accession)
    study = _attach(order, study_uid, modality, images, institution_id)
    if identity is not None:
        _compare(order, identity)
    if order.state in OPEN_FOR_MATERIAL:
        order = _upload(order, actor)
    elif order.state in CLOSED_TO_MATERIAL:
        raise MaterialTooEarly(number=order.number, state=ORDER.label(order.state))
    if order.identity == Order.Identity.MISMATCH:
        text = "、".join(order.identity_differences)
        waiting.ask_performer(order, waiting.IDENTITY, _("图像身份不一致（%(text)s）") % {"text": text})
    study.refresh_from_db()
    return queries.to_data(order)


@racing("orders.material_received")
@transaction.atomic
def material_received(*, order_id: UUID, actor: Actor) -> OrderData:
    """What the centre works on has come by other ways than the image archive (a tube): the order is uploaded and a report waits.

    Again, or after the report, changes nothing. Raises MaterialTooEarly, NotFound.
    """
    order = _locked(order_id, "")
    if order.state in OPEN_FOR_MATERIAL:
        order = _upload(order, actor)
    elif order.state in CLOSED_TO_MATERIAL:
        raise MaterialTooEarly(number=order.number, state=ORDER.label(order.state))
    return queries.to_data(order)


@transaction.atomic
def study_detached(*, study_uid: str, reason: str, actor: Actor) -> None:
    """A study was attached wrongly; its order goes back to waiting when nothing else is there and no report was begun."""
    study = OrderStudy.objects.select_for_update().filter(study_uid=study_uid).first()
    if study is None:
        raise NotFound()
    order, report = study.order, Report.objects.filter(order_id=study.order_id).first()
    if report is not None and report.state not in {"unclaimed", "images_rejected"}:
        raise Conflict(_("报告已在书写或已发布，不能解除图像；请先退回或更正报告。"))
    study.delete()
    if not order.studies.exists() and order.state == "uploaded":
        if report is not None and report.state == "unclaimed":
            states.transition(REPORT, report, "reject_images", actor=actor, reason=reason)
        states.transition(ORDER, order, "repeat", actor=actor, reason=reason)


@transaction.atomic
def resolve_identity(*, order_id: UUID, reason: str, actor: Actor) -> OrderData:
    """A person has made sure that the images are of this resident (for example a name misspelled at the device)."""
    order = policies.access_order(order_id, actor=actor)
    rights = service(order.service).rights
    if not (actor.has(rights.perform) or actor.has(rights.review)):
        raise policies.Forbidden(_("身份核实需由执行机构技师或审核医师登记。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明如何核实，例如“电话向技师核对，设备上姓名录错”。")})
    changed = Order.objects.filter(pk=order_id, identity=Order.Identity.MISMATCH).update(
        identity=Order.Identity.RESOLVED, identity_resolved_by=actor.name, identity_reason=reason.strip()[:300]
    )
    if not changed:
        raise Conflict(_("该申请单没有待核实的身份差异，可能已由他人处理。"))
    waiting.done(order, waiting.IDENTITY, actor=actor)
    order.refresh_from_db()
    return queries.to_data(order)


@transaction.atomic
def add_attachment(*, order_id: UUID, kind: str, ref: str, title: str, actor: Actor) -> None:
    """Anything else that belongs to the order; the same reference twice is one."""
    order = policies.access_order(order_id, actor=actor)
    Attachment.objects.get_or_create(
        order=order, kind=kind, ref=ref, defaults={"title": title[:120], "added_by": actor.name}
    )


def find_order_for_study(
    *,
    accession: str = "",
    patient_identifier: str = "",
    name: str = "",
    birth_date: date | None = None,
    sex: str = "",
    modality: str = "",
    study_date: date | None = None,
) -> StudyMatch | None:
    """The order a study belongs to, with what differs; None when nothing fits well enough to propose.

    First by accession number; else by Patient ID, and only when exactly one open order of that person fits modality. A match that is
    not ``exact`` must be confirmed by a person. Never matches by name alone.
    """
    given = StudyIdentity(patient_identifier, name, birth_date, sex)
    if fold(accession) and (order := _by_accession(accession)):
        return _match(order, given, "accession", _("检查号 %(n)s 相同") % {"n": order.accession})
    if not patient_identifier:
        return None
    orders = _open_orders_of(patient_identifier, modality)
    if len(orders) != 1:
        return None
    return _match(orders[0], given, "patient", _("患者编号相同，且仅有这一张未完成的申请单"))


def _by_accession(accession: str) -> Order | None:
    found = Order.objects.filter(accession=fold(accession)).first()
    return found if found and found.state in OPEN_FOR_MATERIAL | {"uploaded", "reported", "completed"} else None


def _open_orders_of(patient_identifier: str, modality: str) -> list[Order]:
    try:
        people = [UUID(patient_identifier.strip())]
    except ValueError:
        people = _people_with_number(patient_identifier)
    wanted = service(service_of_modality(modality))
    rows = Order.objects.filter(resident_id__in=people, service=wanted.code, state__in=OPEN_FOR_MATERIAL)
    if modality and modality not in wanted.modalities:
        rows = rows.filter(Q(items__group=modality) | Q(items__group__in=_same_group(modality)))
    return list(rows.distinct()[:2])


def _same_group(modality: str) -> set[str]:
    """Devices write CR or DX for what the catalogue calls DR."""
    return {"DR"} if modality in {"CR", "DX"} else {modality}


def _match(order: Order, given: StudyIdentity, by: str, why: str) -> StudyMatch:
    found = _differences(order, given)
    text = why if not found else f"{why}；" + "；".join(found)
    return StudyMatch(order.pk, order.accession, order.resident_id, by, not found, found, text)


def _differences(order: Order, given: StudyIdentity) -> tuple[str, ...]:
    person = residents.access_resident(order.resident_id, actor=system("archive"))
    keys = {str(order.resident_id), order.resident_id.hex, person.archive_number}
    if given.patient_id and _is_number_of(given.patient_id, order.resident_id):
        keys.add(given.patient_id)
    return differences(
        name=person.name, sex=person.sex, birth_date=person.birth_date, initials=initials(person.name), keys=keys,
        given=given,
    )  # fmt: skip


def _is_number_of(text: str, resident_id: UUID) -> bool:
    """Whether a Patient ID is this person's citizen number."""
    return any(match == resident_id for match in _people_with_number(text))


def _people_with_number(text: str) -> list[UUID]:
    number = residents.GivenNumber("01", text)
    found = residents.check_duplicates(name="", numbers=[number], actor=system("archive"))
    return [match.resident.id for match in found if match.certainty == "certain"]


def _locked(order_id: UUID | None, accession: str) -> Order:
    rows = Order.objects.select_for_update()
    found = rows.filter(pk=order_id).first() if order_id else rows.filter(accession=fold(accession)).first()
    if found is None:
        raise NotFound(_("没有这张申请单。"))
    return found


def _attach(order: Order, study_uid: str, modality: str, images: int, institution_id: UUID | None) -> OrderStudy:
    facts = {"modality": modality[:16], "images": images, "institution_id": institution_id}
    try:
        with transaction.atomic():
            study, new = OrderStudy.objects.get_or_create(
                study_uid=study_uid, defaults={"order": order, "received_at": clock.now(), **facts}
            )
    except IntegrityError:
        study, new = OrderStudy.objects.get(study_uid=study_uid), False
    if study.order_id != order.pk:
        raise StudyElsewhere(number=study.order.number)
    if not new and images > study.images:
        OrderStudy.objects.filter(pk=study.pk).update(images=images)
    return study


def _compare(order: Order, given: StudyIdentity) -> None:
    found = list(_differences(order, given))
    if found and order.identity == Order.Identity.RESOLVED and found == order.identity_differences:
        return
    order.identity = Order.Identity.MISMATCH if found else Order.Identity.EQUAL
    order.identity_differences = found
    order.save(update_fields=["identity", "identity_differences"])


def _upload(order: Order, actor: Actor) -> Order:
    now = clock.now()
    order = states.transition(
        ORDER, order, "upload", actor=actor, uploaded_at=now, performed_at=order.performed_at or now
    )
    waiting.done(order, waiting.LATE, waiting.REPEAT, actor=actor)
    report = _await_report(order, actor)
    urgent = report.rank < ROUTINE
    if urgent:
        waiting.ask_centre(order, waiting.READ, _("急诊待出报告"), due_at=report.limit_at, duty=True)
    record(MaterialReceived(order.pk, order.service, order.reporting_institution_id, urgent))
    return order


def _await_report(order: Order, actor: Actor) -> Report:
    """A report row waits for a reader, with the limit of its group and priority; after a repeat the same row waits again."""
    group = order.items.order_by("position").values_list("group", flat=True).first() or ""
    limit = clock.now() + service(order.service).clocks.report_limit(group, order.priority)
    report = Report.objects.filter(order=order).first()
    if report is not None:
        return states.transition(
            REPORT, report, "receive_again", actor=actor, limit_at=limit, waiting_since=clock.now()
        )
    report = Report(
        order=order, service=order.service, reporting_institution_id=order.reporting_institution_id, group=group,
        waiting_since=clock.now(), limit_at=limit, **_place(order),
    )  # fmt: skip
    states.start(REPORT, report, "unclaimed", actor=actor)
    return report


FIRST, URGENT, ROUTINE = -1, 0, 1
"""Places in the reading list."""


def _place(order: Order) -> dict[str, Any]:
    """Where the report of an order stands in the reading list, and why it stands at the head."""
    if reason := service(order.service).first(order.answers):
        return {"rank": FIRST, "first_reason": reason[:80]}
    return {"rank": URGENT if order.priority == Order.Priority.URGENT else ROUTINE}


@transaction.atomic
def put_first(*, order_id: UUID, reason: str, actor: Actor, due_at: datetime | None = None) -> bool:
    """A waiting report goes to the head of the list, for example because a machine saw what a doctor should see at once.

    The one on duty is asked for it by ``due_at`` (at once where none is given). Says whether it moved. A report that somebody has claimed, or that stands there already, stays as it is.
    """
    moved = Report.objects.filter(order_id=order_id, state="unclaimed", rank__gt=FIRST).update(
        rank=FIRST, first_reason=reason[:80]
    )
    if moved:
        order = Order.objects.get(pk=order_id)
        waiting.ask_centre(order, waiting.READ, reason, due_at=due_at or clock.now(), duty=True)
    return bool(moved)


def call_more_readers(*, limit: int = 50) -> int:
    """Nobody takes an order from the head of the list: the next post of the service's ``calls`` is asked; for the clock."""
    called = 0
    heads = Report.objects.filter(state="unclaimed", rank__lt=URGENT).select_related("order").order_by("waiting_since")
    for report in heads[:limit]:
        called += _call_next(report)
    return called


@transaction.atomic
def _call_next(report: Report) -> int:
    due = [
        (after, role)
        for after, role in service(report.service).calls[report.calls :]
        if report.waiting_since + after <= clock.now()
    ]
    for place, (_after, role) in enumerate(due, report.calls):
        mine = Report.objects.filter(pk=report.pk, state="unclaimed", calls=place).update(calls=place + 1)
        if mine:
            waiting.call_duty(report.order, role, place, report.first_reason)
    return len(due)
