"""Vital signs and ECGs sent ahead, judged at once."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.emergency.commands import calling, pathways, timing
from yigong.centres.emergency.commands.common import locked_case
from yigong.centres.emergency.commands.errors import NotYours
from yigong.centres.emergency.models import Case, Reading, SentTracing
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import ON_THE_WAY
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.records import api as records

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
) -> SentTracing:
    """An ECG from the scene: what is seen, perhaps its photograph. It is the case's first ECG when there was none, and is sent with this. A finding that
    the pack names as an alert opens its pathway and tells the hospital."""
    row = locked_case(case_id)
    if key and (known := SentTracing.objects.filter(key=key).first()):
        return known
    check_part(row, actor, _("心电图"))
    seen = definitions.one_of("ecg_finding", finding, "finding")
    now = clock.now()
    kind = _kind(picture)
    tracing = SentTracing.objects.create(
        case=row, key=key, taken_at=min(at or now, now), sent_at=now, sent_by=actor.name[:80], finding=finding, note=note.strip()[:200],
        picture=picture, picture_type=kind,
    )  # fmt: skip
    if seen.pathway and not row.pathway:
        pathways.set_pathway(row, seen.pathway, actor)
    _first_times(row, tracing, actor)
    if seen.alert and row.state in ON_THE_WAY:
        calling.expect(row)
    return tracing


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
