"""A recording arrives: by upload, or from the image archive."""

import zlib
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.ecg import queries
from yigong.centres.ecg.data import Received, RecordingData
from yigong.centres.ecg.events import RecordingKept
from yigong.centres.ecg.models import AtRecording, Recording
from yigong.centres.ecg.policies import PERFORM, REPORT
from yigong.centres.ecg.signals.packing import pack
from yigong.centres.ecg.signals.reading import read
from yigong.centres.ecg.signals.tracing import NotReadable, Tracing
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.orders import api as orders
from yigong.orders.data import OrderData, StudyIdentity
from yigong.tasks import api as tasks

UNREADABLE = tasks.declare_kind("ecg.unreadable", gettext_lazy("心电波形不能读取"))


class FileElsewhere(Conflict):
    """The same file belongs to another order."""

    code = "ecg.file_elsewhere"
    message = "这份心电图文件已归入另一张申请单，请确认选对了文件。"


class NotYourRecording(Forbidden):
    """Recordings are uploaded where they are made."""

    code = "ecg.not_performer"
    message = "这张申请单由%(institution)s采集，请由该机构人员上传。"


@racing("ecg.upload")
@transaction.atomic
def upload(
    *,
    content: bytes,
    file_name: str,
    actor: Actor,
    order_id: UUID | None = None,
    condition: Mapping[str, Any] | None = None,
) -> Received:
    """Take a DICOM, aECG or SCP-ECG file; for ``order_id``, or by accession number or patient number in the file, or to wait.

    The same file again is the same recording. ``condition`` are fields of ``AtRecording``. Raises NotReadable, FileElsewhere.
    """
    if not (actor.has(PERFORM) or actor.has(REPORT)):
        raise Forbidden(_("您的岗位不采集心电图。"))
    order = _own_order(order_id, actor) if order_id else None
    tracing = read(content)
    row, new = _keep(tracing, content, actor, institution_id=actor.institution_id, file_name=file_name)
    if order is None and row.order_id is None:
        order, why = _found(tracing)
    else:
        why = ""
    if order is not None:
        _attach(row, order, tracing, actor, why or _("上传时选定"))
        _note_condition(order.id, condition, actor)
    return Received(queries.recording_data(row), not new, row.order_id is None, why)


@transaction.atomic
def take_from_archive(
    *, content: bytes, order_id: UUID, study_uid: str, institution_id: UUID | None, actor: Actor
) -> bool:
    """A waveform object of a study that the archive has attached to an order; False when the order is of another service.

    The archive has told the order about its study, so only the recording is written. Again with the same object is no error.
    """
    order = orders.order(order_id, actor=actor)
    if order.service != "ecg":
        return False
    try:
        tracing = read(content)
    except NotReadable as problem:
        _tell_unreadable(order, study_uid, str(problem))
        return True
    row, _new = _keep(tracing, content, actor, institution_id=institution_id, study_uid=study_uid)
    if row.order_id != order_id:
        _settle(row, order, actor, _("影像归档按检查号或患者编号关联"))
    return True


@transaction.atomic
def keep_for_case(
    *,
    content: bytes,
    case_id: UUID,
    institution_id: UUID | None,
    actor: Actor,
    file_name: str = "",
    study_uid: str = "",
) -> RecordingData:
    """A file recorded in an ambulance: it belongs to the case, whose room has decided; again with the same file is the same recording."""
    row, _new = _keep(
        read(content), content, actor, institution_id=institution_id, file_name=file_name, study_uid=study_uid
    )
    if row.order_id or row.case not in {None, case_id}:
        raise FileElsewhere()
    if row.case is None:
        row.case = case_id
        row.save(update_fields=["case"])
    return queries.recording_data(row)


@transaction.atomic
def give_back_to_archive(*, study_uid: str, actor: Actor) -> int:
    """The archive has detached a study: its recordings belong to nobody until it is attached again. Returns how many."""
    rows = Recording.objects.filter(study_uid=study_uid, order__isnull=False)
    return rows.update(order=None, resident=None, attached_by="", attach_reason="")


@racing("ecg.attach")
@transaction.atomic
def attach(*, recording_id: UUID, order_id: UUID, actor: Actor, reason: str = "") -> Received:
    """A person says which order a waiting recording belongs to; a difference of identity needs a reason."""
    row = _waiting(recording_id, actor)
    order = orders.order(order_id, actor=actor)
    _attach(row, order, None, actor, reason.strip())
    return Received(queries.recording_data(row), False, False)


@transaction.atomic
def discard(*, recording_id: UUID, reason: str, actor: Actor) -> None:
    """A waiting recording belongs to nobody (a test, a file of another county); it is kept and not listed any more."""
    row = _waiting(recording_id, actor)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明不归入的原因，例如“设备测试信号”。")})
    row.discarded_at, row.discard_reason = clock.now(), reason.strip()[:200]
    row.save(update_fields=["discarded_at", "discard_reason"])


def _keep(
    tracing: Tracing,
    content: bytes,
    actor: Actor,
    *,
    institution_id: UUID | None,
    file_name: str = "",
    study_uid: str = "",
) -> tuple[Recording, bool]:
    """The row of this file, and whether it is new."""
    digest, who = sha256(content).hexdigest(), tracing.subject
    row = Recording(
        form=tracing.form, digest=digest, study_uid=study_uid, original=None if study_uid else zlib.compress(content, 6),
        file_name=file_name[-120:], taken_at=tracing.taken_at, device=tracing.device, leads=list(tracing.leads),
        derived=list(tracing.derived), rate=tracing.rate, samples=tracing.values.shape[1], signal=pack(tracing.values),
        patient_number=who.number[:64], patient_name=who.name[:200], patient_sex=who.sex[:4], birth_date=who.birth_date,
        institution_id=institution_id, received_at=clock.now(), received_by=actor.name[:80],
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return Recording.objects.select_for_update().get(digest=digest), False
    record(RecordingKept(row.pk))
    return row, True


def _found(tracing: Tracing) -> tuple[OrderData | None, str]:
    """The order that the file's own numbers point to, when the person is surely the same; else why a person must look."""
    who = tracing.subject
    match = orders.find_order_for_study(
        accession=tracing.accession, patient_identifier=who.number, name=who.name, birth_date=who.birth_date, sex=who.sex,
        modality="ECG",
    )  # fmt: skip
    if match is None:
        return None, _("文件中的检查号和患者编号没有对应的心电申请。")
    if not match.exact:
        return None, match.explanation
    return orders.order(match.order_id, actor=system("ecg")), match.explanation


def _own_order(order_id: UUID, actor: Actor) -> OrderData:
    order = orders.order(order_id, actor=actor)
    if order.service != "ecg":
        raise InvalidInput(_("这不是心电检查的申请单。"))
    if order.performing_institution_id not in actor.institution_ids | {actor.institution_id}:
        raise NotYourRecording(institution=queries.institution_name(order.performing_institution_id))
    return order


def _attach(row: Recording, order: OrderData, tracing: Tracing | None, actor: Actor, reason: str) -> None:
    """The recording belongs to the order, and the order learns of it like of any study."""
    if row.order_id and row.order_id != order.id:
        raise FileElsewhere()
    if row.order_id == order.id:
        return
    orders.study_received(
        order_id=order.id, study_uid=row.study_uid or f"2.25.{row.pk.int}", modality="ECG", images=1,
        institution_id=row.institution_id, actor=replace(actor, role="system"),
        identity=StudyIdentity(row.patient_number, row.patient_name, row.birth_date, row.patient_sex),
    )  # fmt: skip
    _settle(row, order, actor, reason)


def _settle(row: Recording, order: OrderData, actor: Actor, reason: str) -> None:
    row.order_id, row.resident_id = order.id, order.resident_id
    row.attached_by, row.attach_reason = actor.name[:80], reason[:200]
    row.save(update_fields=["order", "resident", "attached_by", "attach_reason"])
    record(RecordingKept(row.pk))


def _note_condition(order_id: UUID, condition: Mapping[str, Any] | None, actor: Actor) -> None:
    if condition is None:
        return
    values = {name: condition.get(name) for name in ("systolic", "diastolic")}
    texts = {name: condition.get(name) or "" for name in ("chest_pain", "note")}
    AtRecording.objects.update_or_create(
        order_id=order_id, defaults={**values, **texts, "operator": actor.name, "recorded_at": clock.now()}
    )
    if texts["chest_pain"] == AtRecording.Pain.NOW:
        orders.put_first(order_id=order_id, reason=_("胸痛正在发作"), actor=actor)


def _tell_unreadable(order: OrderData, study_uid: str, why: str) -> None:
    """The device sent something that cannot be drawn: whoever performs the order must know."""
    tasks.open_task(
        key=f"{UNREADABLE}:{study_uid}", kind=UNREADABLE, title=_("心电波形不能读取（%(why)s）") % {"why": why},
        institution_id=order.performing_institution_id, role="nurse", about_resident_id=order.resident_id,
        subject=("order", order.id), url=reverse("orders:detail", args=[order.id]), urgent=order.priority == "urgent",
    )  # fmt: skip


def _waiting(recording_id: UUID, actor: Actor) -> Recording:
    """A recording that nobody's order has, where the actor may settle it."""
    row = queries.waiting(actor).select_for_update(of=("self",)).filter(pk=recording_id).first()
    if row is None:
        known = Recording.objects.filter(pk=recording_id).first()
        if known is None or not known.attached_by:
            raise NotFound()
        raise Conflict(_("这份心电图已由%(who)s归入申请单。") % {"who": known.attached_by})
    return row
