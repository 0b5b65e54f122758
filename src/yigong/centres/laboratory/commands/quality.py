"""Internal quality control: lots with targets, daily points, holds."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.laboratory.commands.results import tell_critical
from yigong.centres.laboratory.models import (
    ControlLot,
    ControlPoint,
    ControlTarget,
    Instrument,
    OutsideLaboratory,
    QualityHold,
    TestResult,
)
from yigong.centres.laboratory.policies import LABORATORY, QUALITY, REVIEW
from yigong.centres.laboratory.rules import catalogue, westgard
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.tasks import api as tasks

LOST = tasks.declare_kind("laboratory.control", gettext_lazy("质控失控"))


@transaction.atomic
def add_instrument(*, code: str, name: str, institution_id: UUID, actor: Actor) -> Instrument:
    """An analyser and what it calls itself in messages."""
    _require(actor, institution_id, QUALITY)
    if not code.strip() or not name.strip():
        raise InvalidInput(errors={"code": _("请填写仪器名称和它在报文中的代号（MSH-3）。")})
    taken = InvalidInput(errors={"code": _("已有仪器使用这个代号。")})
    with refusing(laboratory_instrument_code_key=taken):
        return Instrument.objects.create(code=code.strip()[:40], name=name.strip()[:80], institution_id=institution_id)


@transaction.atomic
def add_lot(
    *, instrument_id: UUID, material: str, level: int, number: str, expires_on: date,
    targets: Mapping[str, tuple[Decimal, Decimal]], actor: Actor,
) -> ControlLot:  # fmt: skip
    """A lot of a control material with target and standard deviation of each analyte."""
    instrument = _instrument(instrument_id)
    _require(actor, instrument.institution_id, QUALITY)
    errors = {}
    if expires_on < clock.today():
        errors["expires_on"] = _("该批号已过期。")
    if not targets:
        errors["targets"] = _("请至少填写一个项目的靶值和标准差。")
    for code, (_mean, sd) in targets.items():
        if code not in catalogue.analytes() or sd <= 0:
            errors["targets"] = _("“%(code)s”不是本中心的项目，或标准差不大于 0。") % {"code": code}
    if errors:
        raise InvalidInput(errors=errors)
    with refusing(laboratory_lot_once=Conflict(_("这台仪器已登记过同一批号的这个水平。"))):
        lot = ControlLot.objects.create(
            instrument=instrument,
            material=material.strip()[:80],
            level=level,
            number=number.strip()[:40],
            expires_on=expires_on,
        )
    ControlTarget.objects.bulk_create(
        ControlTarget(lot=lot, analyte=code, mean=mean, sd=sd) for code, (mean, sd) in targets.items()
    )
    return lot


@transaction.atomic
def add_point(*, target_id: UUID, value: Decimal, actor: Actor, at: datetime | None = None) -> ControlPoint:
    """One control measurement. A rejecting rule holds back the analyte's results of this analyser from now on."""
    target = ControlTarget.objects.select_for_update().select_related("lot__instrument").filter(pk=target_id).first()
    if target is None:
        raise NotFound()
    _require(actor, target.lot.instrument.institution_id, QUALITY)
    now = at or clock.now()
    if target.lot.expires_on < now.date():
        raise InvalidInput(errors={"value": _("质控品批号 %(n)s 已过期，请换新批号。") % {"n": target.lot.number}})
    z = westgard.z_score(value, target.mean, target.sd)
    if abs(z) > 99999:
        raise InvalidInput(errors={"value": _("数值与靶值相差过大，请核对单位。")})
    earlier = list(target.points.filter(at__lt=now).order_by("-at").values_list("z", flat=True)[:9])[::-1]
    broken = westgard.violated([*earlier, z], _other_level(target, now))
    verdict = westgard.verdict(broken, catalogue.rules().westgard)
    point = ControlPoint.objects.create(
        target=target, value=value, z=z, rules=list(broken), verdict=verdict, at=now, entered_by=actor.name[:80]
    )
    if verdict == "reject":
        _hold(target, point, actor)
    return point


@racing("laboratory.release_hold")
@transaction.atomic
def release_hold(*, hold_id: UUID, reason: str, actor: Actor) -> QualityHold:
    """Control is regained: results held back are free, critical ones are told now. The second of two people learns who was first."""
    hold = QualityHold.objects.select_for_update(of=("self",)).select_related("instrument").filter(pk=hold_id).first()
    if hold is None:
        raise NotFound()
    _require(actor, hold.instrument.institution_id, REVIEW)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明失控原因和处理，例如“更换试剂后复测在控”。")})
    if hold.released_at:
        raise Conflict(_("已由%(who)s解除。") % {"who": hold.released_by})
    hold.released_at, hold.released_by, hold.reason = clock.now(), actor.name[:80], reason.strip()[:300]
    hold.save(update_fields=["released_at", "released_by", "reason"])
    freed = list(TestResult.objects.select_for_update().filter(held_by=hold).order_by("order_id", "analyte"))
    TestResult.objects.filter(held_by=hold).update(held_by=None)
    for result in freed:
        result.held_by_id = None
    for order_id, rows in groupby(freed, key=lambda r: r.order_id):
        tell_critical(order_id, rows, actor)
    tasks.resolve_task(key=f"{LOST}:{hold.pk}", actor=actor, note=reason.strip())
    return hold


@transaction.atomic
def add_outside(*, name: str, licence: str, phone: str, actor: Actor) -> OutsideLaboratory:
    """A laboratory outside the community that takes tubes."""
    if not actor.has(LABORATORY):
        raise Forbidden(_("外送机构由检验中心登记。"))
    if not name.strip() or not licence.strip():
        raise InvalidInput(errors={"name": _("请填写机构名称和执业许可证号。")})
    with refusing(laboratory_outsidelaboratory_name_key=Conflict(_("这个外送机构已登记。"))):
        return OutsideLaboratory.objects.create(
            name=name.strip()[:80], licence=licence.strip()[:60], phone=phone.strip()[:40]
        )


def _other_level(target: ControlTarget, now: datetime) -> Decimal | None:
    """The z of the other level of the same run (within the last eight hours)."""
    rows = ControlPoint.objects.filter(
        target__lot__instrument_id=target.lot.instrument_id,
        target__analyte=target.analyte,
        at__gt=now - timedelta(hours=8),
        at__lte=now,
    ).exclude(target__lot__level=target.lot.level)
    return rows.order_by("-at").values_list("z", flat=True).first()


def _hold(target: ControlTarget, point: ControlPoint, actor: Actor) -> None:
    instrument = target.lot.instrument
    if QualityHold.objects.filter(instrument=instrument, analyte=target.analyte, released_at__isnull=True).exists():
        return
    made = QualityHold.objects.bulk_create(
        [QualityHold(instrument=instrument, analyte=target.analyte, point=point, opened_at=point.at)],
        ignore_conflicts=True,
    )
    hold = QualityHold.objects.filter(point=point).first()
    if not made or hold is None:
        return
    name = catalogue.analytes()[target.analyte].name
    tasks.open_task(
        key=f"{LOST}:{hold.pk}", kind=LOST, role="lab_doctor", institution_id=instrument.institution_id, urgent=True,
        title=_("质控失控（%(rules)s）：%(item)s %(where)s") % {"rules": "、".join(point.rules), "item": name, "where": instrument.name},
        url=reverse("laboratory:control", args=[target.pk]), due_at=clock.now() + timedelta(hours=4), subject=("control", hold.pk),
    )  # fmt: skip


def _instrument(key: UUID) -> Instrument:
    row = Instrument.objects.filter(pk=key).first()
    if row is None:
        raise NotFound()
    return row


def _require(actor: Actor, institution_id: UUID, permission: str) -> None:
    if actor.is_system:
        return
    if not actor.has(permission) or institution_id not in actor.places:
        raise Forbidden(_("质控由检验中心的人员办理。"))
