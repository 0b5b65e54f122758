"""Reads of recordings, and what the shared pages show of an ECG order."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from yigong.centres.ecg.data import Place, Proposals, RecordingData
from yigong.centres.ecg.models import AtRecording, Measurement, Recording
from yigong.centres.ecg.policies import REPORT
from yigong.centres.ecg.rules import drawing
from yigong.centres.ecg.rules.chest_pain import parameters
from yigong.centres.ecg.signals.packing import unpack
from yigong.centres.ecg.signals.tracing import STANDARD, Subject, Tracing
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import CriticalData, OrderData, ViewerLink
from yigong.residents import api as residents


def of_order(order_id: UUID) -> list[RecordingData]:
    """The recordings of an order, oldest first. The caller has decided about the order."""
    rows = _light().filter(order_id=order_id).order_by("received_at")
    return [recording_data(row) for row in rows]


def of_case(case_id: UUID) -> list[RecordingData]:
    """The recordings made on the way of an emergency, oldest first. The caller has decided about the case."""
    return [recording_data(row) for row in _light().filter(case=case_id).order_by("received_at")]


def drawn(recording_id: UUID) -> str:
    """A recording on its grid (25 mm/s, 10 mm/mV) as SVG. The caller has decided about the case."""
    row = Recording.objects.filter(pk=recording_id, case__isnull=False).first()
    if row is None:
        raise NotFound()
    return drawing.draw(tracing_of(row), drawing.Paper()).svg


def of_resident(resident_id: UUID, *, but: UUID | None = None, limit: int = 10) -> list[RecordingData]:
    """A person's recordings, newest first, without those of one order. The caller has decided about the person."""
    rows = _light().filter(resident_id__in=residents.identities(resident_id))
    if but:
        rows = rows.exclude(order_id=but)
    return [recording_data(row) for row in rows.order_by("-taken_at", "-received_at")[:limit]]


def waiting(actor: Actor) -> QuerySet[Recording]:
    """Uploaded recordings without an order at the actor's institutions; a reader sees those of all."""
    rows = Recording.objects.filter(order__isnull=True, case__isnull=True, discarded_at__isnull=True, study_uid="")
    if actor.is_system or actor.has(REPORT):
        return rows
    return rows.filter(institution_id__in=actor.institution_ids | {actor.institution_id})


def recordings(rows: Iterable[Recording]) -> list[RecordingData]:
    """Many rows as data."""
    return [recording_data(row) for row in rows]


def light(rows: QuerySet[Recording]) -> QuerySet[Recording]:
    """Without the samples and the file."""
    return rows.defer("signal", "original").select_related("measurement")


def _light() -> QuerySet[Recording]:
    return light(Recording.objects.all())


def tracing_of(row: Recording) -> Tracing:
    """The samples of a recording."""
    subject = Subject(row.patient_number, row.patient_name, row.patient_sex, row.birth_date)
    values = unpack(bytes(row.signal), row.leads)
    return Tracing(
        row.form, tuple(row.leads), row.rate, values, row.taken_at, row.device, subject, derived=tuple(row.derived)
    )


def recording_data(row: Recording) -> RecordingData:
    """The row as pages see it."""
    return RecordingData(
        id=row.pk, order_id=row.order_id, form=row.form, form_label=row.get_form_display(), taken_at=row.taken_at,
        device=row.device, leads=tuple(row.leads), missing=tuple(lead for lead in STANDARD if lead not in row.leads),
        derived=tuple(row.derived), seconds=row.samples / row.rate, rate=row.rate, patient_name=row.patient_name,
        patient_number=row.patient_number, file_name=row.file_name, received_at=row.received_at,
        received_by=row.received_by, proposals=_proposals(getattr(row, "measurement", None)),
    )  # fmt: skip


def _proposals(row: Measurement | None) -> Proposals | None:
    if row is None:
        return None
    given = [
        ("heart_rate", _("心率"), row.heart_rate, _("次/分")), ("pr", "PR", row.pr, "ms"), ("qrs", "QRS", row.qrs, "ms"),
        ("qt", "QT", row.qt, "ms"), ("qtc", "QTc", row.qtc, "ms"), ("axis", _("电轴"), row.axis, "°"),
        ("rv5_sv1", "RV5+SV1", row.rv5_sv1, "mV"),
    ]  # fmt: skip
    shown = tuple((code, label, "—" if value is None else f"{value} {unit}") for code, label, value, unit in given)
    return Proposals(shown, row.suspicion, row.beats, row.regular)


def proposals(order_id: UUID) -> Mapping[str, str]:
    """A machine's values for the report's number fields: those of the newest recording of the order."""
    row = Measurement.objects.filter(recording__order_id=order_id).order_by("-recording__received_at").first()
    if row is None:
        return {}
    names = ("heart_rate", "pr", "qrs", "qt", "qtc", "axis", "rv5_sv1")
    return {name: str(value) for name in names if (value := getattr(row, name)) is not None}


def panel(order_id: UUID) -> tuple[str, dict[str, Any]] | None:
    """The ECG part of an order's page: how it was recorded, and where a suspected heart attack is treated."""
    rows, facts = of_order(order_id), list[tuple[str, str]]()
    condition = AtRecording.objects.filter(order_id=order_id).first()
    if not rows and condition is None:
        return None
    for row in rows:
        facts += [
            (_("记录"), _what(row)),
            (_("缺失导联"), "、".join(row.missing)),
            (_("计算导联"), "、".join(row.derived)),
        ]
    if condition:
        pressure = (
            f"{condition.systolic}/{condition.diastolic} mmHg" if condition.systolic and condition.diastolic else ""
        )
        facts += [
            (_("采集时胸痛"), condition.get_chest_pain_display() if condition.chest_pain else ""), (_("血压"), pressure),
            (_("采集人"), condition.operator), (_("采集说明"), condition.note),
        ]  # fmt: skip
    return "ecg/panel.html", {"facts": [(label, value) for label, value in facts if value]}


def _what(row: RecordingData) -> str:
    return _("%(form)s，%(seconds)g 秒，%(rate)g Hz，%(device)s") % {
        "form": row.form_label, "seconds": round(row.seconds, 1), "rate": row.rate, "device": row.device or _("设备未注明"),
    }  # fmt: skip


def viewer_links(order_id: UUID) -> list[ViewerLink]:
    """How an ECG order's tracing is looked at."""
    if not Recording.objects.filter(order_id=order_id).exists():
        return []
    url = reverse("ecg:trace", args=[order_id])
    return [ViewerLink(_("心电图"), f"{url}?embed=1", embed=True), ViewerLink(_("整页查看"), url)]


def place_of_treatment(institution_id: UUID) -> Place | None:
    """The centre that treats heart attacks for an institution: the one that serves it, or the nearest one above it."""
    centre = network.serving_centre(parameters().centre_kind, institution_id)
    if centre is None:
        return None
    host = network.institution(centre.institution_id)
    return Place(host.id, host.name, centre.name, centre.phone or host.phone)


def alarm_panel(critical: CriticalData, order: OrderData) -> tuple[str, dict[str, Any]] | None:
    """Where a suspected heart attack is treated and the emergency referral, on the page of its critical value."""
    if critical.item not in parameters().items:
        return None
    try:
        refer = f"{reverse('referrals:new')}?resident={order.resident_id}&urgency=emergency"
    except NoReverseMatch:
        refer = ""
    return "ecg/place.html", {"place": place_of_treatment(order.requesting_institution_id), "refer": refer}


def institution_name(institution_id: UUID) -> str:
    """The short name of an institution."""
    return network.institution(institution_id).short_name


def earlier_to_compare(order: OrderData) -> list[RecordingData]:
    """What the page offers to compare this order's tracing with."""
    return of_resident(order.resident_id, but=order.id)


def compared(order: OrderData, recording_id: UUID) -> Recording | None:
    """A recording that may be shown beside an order: of the same person."""
    same = Q(resident_id__in=residents.identities(order.resident_id)) | Q(order_id=order.id)
    return Recording.objects.filter(same, pk=recording_id).first()


def held_about(ids: Iterable[UUID]) -> int:
    """How many recordings are kept under these residents' keys."""
    return Recording.objects.filter(resident_id__in=list(ids)).count()


def open_orders(actor: Actor, text: str) -> list[OrderData]:
    """ECG orders at the actor's institutions to attach a recording to, found by name, initials or number."""
    rows = [
        *orders.performing_list("ecg", actor, view="to_do", text=text).items,
        *orders.performing_list("ecg", actor, view="sent", text=text).items,
    ]
    return list({row.id: row for row in rows}.values())[:12]
