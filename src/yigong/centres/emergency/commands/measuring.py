"""Vital signs and ECGs sent ahead, judged at once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.ecg import api as ecg
from yigong.centres.ecg.data import RecordingData
from yigong.centres.emergency.commands import calling, pathways, timing
from yigong.centres.emergency.commands.common import locked_case
from yigong.centres.emergency.commands.errors import NotYours
from yigong.centres.emergency.models import Case, Reading, SentTracing
from yigong.centres.emergency.policies import TRACE
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import ACTIVE, ON_THE_WAY
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.network import api as network
from yigong.records import api as records
from yigong.tasks import api as tasks

UNREAD = tasks.declare_kind("emergency.tracing", gettext_lazy("院前心电图待判读"), pressing=True)
LARGEST_PICTURE = 3_000_000
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


@transaction.atomic
def send_signs(
    *,
    case_id: UUID,
    values: Mapping[str, Decimal | float | int | None],
    actor: Actor,
    key: UUID | None = None,
    at: datetime | None = None,
    note: str = "",
) -> Reading:
    """What was measured at one moment, by sign. The same ``key`` again is the same reading. InvalidInput by sign for what cannot be."""
    row = locked_case(case_id)
    if key and (known := Reading.objects.filter(key=key).first()):
        return known
    check_part(row, actor, _("生命体征"))
    measured = {code: value for code, value in values.items() if value is not None and code in definitions.SIGNS}
    if not measured:
        raise InvalidInput(errors={"sbp": _("请至少填写一项测量值。")})
    if problems := definitions.check_signs(measured):
        raise InvalidInput(errors=problems)
    now = clock.now()
    level, alerts = judged(row, measured)
    return Reading.objects.create(
        case=row, key=key, taken_at=min(at or now, now), entered_at=now, entered_by=actor.name[:80], on_the_way=row.state in ON_THE_WAY,
        note=note.strip()[:200], level=level, alerts=alerts, **measured,
    )  # fmt: skip


@transaction.atomic
def send_tracing(
    *,
    case_id: UUID,
    finding: str,
    actor: Actor,
    key: UUID | None = None,
    at: datetime | None = None,
    note: str = "",
    picture: bytes | None = None,
    recording: bytes | None = None,
    file_name: str = "",
    study_uid: str = "",
) -> SentTracing:
    """An ECG from the scene: what is seen, perhaps its photograph or the device's file, which a reader is asked for at once. It is the case's first ECG when there was none, and is sent with this. A finding that
    the pack names as an alert opens its pathway and tells the hospital."""
    row = locked_case(case_id)
    if key and (known := SentTracing.objects.filter(key=key).first()):
        return known
    check_part(row, actor, _("心电图"))
    seen = definitions.one_of("ecg_finding", finding, "finding")
    now = clock.now()
    kind = _kind(picture)
    kept = _keep(row, recording, file_name, study_uid, actor) if recording else None
    if kept and (known := SentTracing.objects.filter(recording=kept.id).first()):
        return known
    if kept and kept.taken_at:
        # A device's clock may be wrong by minutes or years: its time is believed where it fits the case, the recording is kept in any case.
        fits = timing.fits(row, "first_ecg", kept.taken_at)
        at = kept.taken_at if fits else now
        note = (
            note
            if fits
            else note.strip()
            or _("设备时间 %(at)s 与病例不符，按收到时间登记")
            % {"at": f"{kept.taken_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"}
        )
    tracing = SentTracing.objects.create(
        case=row, key=key, taken_at=min(at or now, now), sent_at=now, sent_by=actor.name[:80], finding=finding, note=note.strip()[:200],
        picture=picture, picture_type=kind, recording=kept.id if kept else None, reader_id=_reader(row) if kept else None,
    )  # fmt: skip
    if kept:
        _ask_reader(row, tracing, kept)
    if seen.pathway and not row.pathway:
        pathways.set_pathway(row, seen.pathway, actor)
    _first_times(row, tracing, actor)
    if seen.alert and row.state in ON_THE_WAY:
        calling.expect(row)
    return tracing


@transaction.atomic
def read_tracing(*, tracing_id: UUID, finding: str, reading: str, actor: Actor) -> SentTracing:
    """What the reader says; the first one counts. It is the case's reading, opens the finding's pathway and tells the hospital."""
    found = SentTracing.objects.filter(pk=tracing_id, recording__isnull=False).first()
    if found is None:
        raise NotFound()
    row = locked_case(found.case_id)
    tracing = SentTracing.objects.get(pk=tracing_id)
    if not actor.has(TRACE) or not {tracing.reader_id, row.destination_id} & actor.places:
        raise Forbidden(_("院前心电图由心电中心或接收医院的医师判读。"))
    if tracing.read_at is not None:
        raise Conflict(_("%(who)s已于 %(at)s 判读。") % {"who": tracing.read_by, "at": timing.shown(tracing.read_at)})
    seen = definitions.one_of("ecg_finding", finding, "finding")
    tracing.read_at, tracing.read_by, tracing.read_finding = clock.now(), actor.name[:80], finding
    tracing.reading = reading.strip()[:300]
    tracing.save(update_fields=["read_at", "read_by", "read_finding", "reading"])
    tasks.resolve_task(key=f"{UNREAD}:{tracing.pk}", actor=actor)
    if seen.pathway and not row.pathway:
        pathways.set_pathway(row, seen.pathway, actor)
    _first_times(row, tracing, actor)
    path = definitions.pathway(row.pathway, row.pathway_version)
    known = timing.points(row, timing.running(row))
    if path and "ecg_read" in path.nodes() and "ecg_read" not in known and "first_ecg" in known:
        timing.write(row, None, "ecg_read", clock.now(), system("emergency"), reason=_("随院前心电图判读登记"))
    if seen.alert and row.state in ON_THE_WAY:
        calling.expect(row)
    return tracing


def take_device_tracing(
    *, reference: str, content: bytes, study_uid: str, institution_id: UUID | None, actor: Actor
) -> bool:
    """An ECG that a device in a vehicle sent to the archive under the number of a case that is not over; False for any other number."""
    row = Case.objects.filter(number=reference.strip().upper()[:24], state__in=ACTIVE).first() if reference else None
    if row is None:
        return False
    send_tracing(case_id=row.pk, finding="unclear", recording=content, study_uid=study_uid, actor=actor)
    return True


def check_part(row: Case, actor: Actor, what: str) -> None:
    """Only crew, hospital, first contact or dispatcher write about the patient."""
    if not actor.is_system and not timing.kinds_of(row, timing.running(row), actor):
        raise NotYours(label=what, who=_("车组、接收医院或首诊机构"))


def judged(row: Case, values: Mapping[str, Decimal | float | int | None]) -> tuple[int | None, list[str]]:
    """The triage level that the values call for, and sentences: those of the level, then the urgent ones of the national rules."""
    level, why = definitions.triage(values, row.patient_age)
    numbers = {
        code: float(value) for code, value in values.items() if value is not None and code not in definitions.OWN_SIGNS
    }
    national = records.judge_signs(numbers, age=row.patient_age, sex=row.patient_sex)
    return level, list(dict.fromkeys([*why, *(one.title for one in national if one.level == "urgent")]))


def _keep(row: Case, content: bytes, file_name: str, study_uid: str, actor: Actor) -> RecordingData:
    return ecg.keep_for_case(
        content=content, file_name=file_name, study_uid=study_uid, case_id=row.pk, institution_id=actor.institution_id, actor=actor
    )  # fmt: skip


def _reader(row: Case) -> UUID:
    """Where it is read: the ECG centre that serves the hospital, else the hospital."""
    centre = network.serving_centre("ecg", row.destination_id)
    return centre.institution_id if centre else row.destination_id


def _ask_reader(row: Case, tracing: SentTracing, kept: RecordingData) -> None:
    at = tracing.reader_id or row.destination_id
    role = "ecg_reader" if network.posts_at(at, "ecg_reader") else "specialist"
    staff = network.duty_staff(at, role)
    tasks.open_task(
        key=f"{UNREAD}:{tracing.pk}", kind=UNREAD, institution_id=at, urgent=True, staff_id=staff.id if staff else None,
        role="" if staff else role, title=_("院前心电图待判读：%(number)s %(what)s") % {"number": row.number, "what": definitions.label("complaint", row.complaint)},
        url=reverse("emergency:trace", args=[row.pk, tracing.pk]), subject=("emergency", row.pk), about_resident_id=row.resident_id,
        due_at=clock.now() + timedelta(minutes=definitions.limits().reading_minutes), escalate_to=tasks.Escalation(role="duty_chief"),
    )  # fmt: skip


def _first_times(row: Case, tracing: SentTracing, actor: Actor) -> None:
    path = definitions.pathway(row.pathway, row.pathway_version)
    if path is None:
        return
    known = timing.points(row, timing.running(row))
    for code, at in (("first_ecg", tracing.taken_at), ("ecg_sent", tracing.sent_at)):
        if code in path.nodes() and code not in known:
            timing.write(row, None, code, at, actor, reason=tracing.note or _("随心电图传输登记"))


def _kind(picture: bytes | None) -> str:
    if not picture:
        return ""
    if len(picture) > LARGEST_PICTURE:
        raise InvalidInput(errors={"picture": _("照片超过 3 MB，请缩小后再传。")})
    for head, kind in _PICTURES.items():
        if picture.startswith(head):
            return kind
    raise InvalidInput(errors={"picture": _("只能上传 JPEG 或 PNG 照片。")})
