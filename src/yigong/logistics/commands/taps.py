"""What a driver's telephone sends: each tap once, at the time of the finger; what contradicts the platform waits for the dispatcher."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.core import clock, device
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, sentence
from yigong.core.states import api as states
from yigong.logistics.commands import carrying, runs
from yigong.logistics.data import TapIn, TapTold
from yigong.logistics.models import LONGEST_STROKES, Consignment, Run, RunStop, Signature, Tap
from yigong.logistics.policies import DRIVE
from yigong.logistics.queries import taps as reads
from yigong.logistics.rules import definitions
from yigong.logistics.rules.workflow import TAP
from yigong.tasks import api as tasks

REVIEW = tasks.declare_kind("logistics.tap", gettext_lazy("司机补传待核对"))


@racing("logistics.take_taps")
def take_taps(*, taps: Sequence[TapIn], device_at: datetime, actor: Actor) -> list[TapTold]:
    """Take what a telephone sends, in the order of the fingers, each in a transaction of its own. The same tap twice is once.

    Sent at once it is done or refused to the driver's face. Sent later (``tap_seconds``; then all of them count as later, since they build on one
    another) it is done at the time of the finger and marked, or it waits with both versions. ``device_at``: what the telephone's clock says now.
    """
    if not actor.has(DRIVE) or actor.staff_id is None:
        raise Forbidden(_("班次由司机登记。"))
    limits, now = definitions.parameters(), clock.now()
    if len(taps) > limits.most_taps:
        raise InvalidInput(_("一次最多上传 %(n)s 条。") % {"n": limits.most_taps})
    back = device_at - now
    late = any(abs(now - (one.at - back)) > timedelta(seconds=limits.tap_seconds) for one in taps)
    told = []
    for one in sorted(taps, key=lambda tap: tap.at):
        try:
            with transaction.atomic(), acting(actor, _("司机手机") if late else ""):
                told.append(_take(one, back, late, now, actor, actor.staff_id))
        except DomainError as refusal:
            # Late and not even a run to hang it on: it stays on the telephone with the sentence.
            told.append(TapTold(one.id, "kept" if late else "refused", sentence(refusal)))
    return told


def _take(one: TapIn, back: timedelta, late: bool, now: datetime, actor: Actor, staff_id: UUID) -> TapTold:
    one_at_a_time(one.id)
    if done := Tap.objects.filter(pk=one.id).first():
        return TapTold(done.pk, done.state, done.sentence)
    run = Run.objects.filter(pk=one.run).first()
    if run is None:
        raise NotFound(_("没有找到这个班次，请刷新后再试。"))
    if one.action not in reads.ACTIONS:
        raise InvalidInput(_("内容无法识别，请刷新后再试；已点的内容仍在手机上。"))
    # Counted from the last word with the platform to the next one: the same clock at both ends.
    ahead = back if one.ahead is None else timedelta(seconds=one.ahead)
    at, _is_sure = device.corrected(one.at, ahead, back, timedelta(minutes=definitions.parameters().clock_minutes))
    given = {
        name: getattr(one, name)
        for name in ("number", "box", "celsius", "name", "strokes", "reason")
        if getattr(one, name)
    }
    row = Tap(
        id=one.id, run=run, staff_id=staff_id, by=actor.name[:80], action=one.action, target=one.key, given=given, device_at=one.at,
        at=min(at, now), sent_at=now, is_late=late,
    )  # fmt: skip
    row.why, row.sentence = (_doubt(row, one, ahead, back) if late else None) or ("", "")
    row.before = reads.platform_says(run, row.action, row.target, one.number, one.box) if late else ""
    if not row.why:
        row.why, row.sentence = _done(row, actor)
    states.start(TAP, row, "review" if row.why else "accepted", actor=actor, reason=row.sentence)
    if row.why:
        _ask(row)
    return TapTold(row.pk, row.state, row.sentence)


def _doubt(row: Tap, one: TapIn, ahead: timedelta, back: timedelta) -> tuple[str, str] | None:
    why = device.doubt(one.at, ahead, back, timedelta(minutes=definitions.parameters().clock_minutes))
    times = {"said": _shown(one.at), "at": _shown(row.at)}
    if why == device.CHANGED:
        return "clock", _("手机时间在途中改动过，手机上是 %(said)s，请核对。") % times
    if why == device.OTHER_DAY:
        return "clock", _("手机日期不对：手机上是 %(said)s，按平台时间应为 %(at)s，请核对。") % times
    return None


def _done(row: Tap, actor: Actor) -> tuple[str, str]:
    """Carried out, nothing half-written: no reason to wait and what is to be said. Told at once, a refusal is the driver's to mend."""
    if not row.is_late:
        return "", carry_out(row, actor)
    try:
        with transaction.atomic():
            return "", carry_out(row, actor)
    except DomainError as refusal:
        return "refused", sentence(refusal)[:400]


def carry_out(row: Tap, actor: Actor) -> str:
    """What the tap means, at its time; a sentence for the driver. Whoever else told the same thing at about the same time told it."""
    at, note = (row.at, _("网络中断，恢复后补传")) if row.is_late else (None, "")
    given, key = row.given, row.target
    if row.action == "load":
        return _load(row, actor, at, note)
    if row.action == "temperature":
        return _temperature(row, actor)
    if key is None:
        raise NotFound()
    if row.action == "deliver":
        return _deliver(row, key, actor, at, note)
    stop = _stop(row)
    place = {"place": stop.institution.short_name}
    if row.action == "sign":
        return _sign(row, stop, actor)
    if row.action == "skip":
        runs.skip(stop_id=key, reason=given.get("reason", ""), actor=actor)
        return _("已登记%(place)s不停靠。") % place
    known = stop.arrived_at if row.action == "arrive" else stop.left_at
    if at and known and not _same(known, at):
        raise Conflict(_("平台上已登记 %(known)s，手机上是 %(at)s。") % {"known": _shown(known), "at": _shown(at)})
    if row.action == "arrive":
        runs.arrive(stop_id=key, actor=actor, at=at)
        return _("已登记到达%(place)s。") % place
    runs.leave(stop_id=key, actor=actor, at=at)
    return _("已登记离开%(place)s。") % place


def _load(row: Tap, actor: Actor, at: datetime | None, note: str) -> str:
    number, box = row.given.get("number", ""), row.given.get("box", "")
    known = (
        Consignment.objects.filter(number=number, run_id=row.run_id, state="aboard").first() if row.is_late else None
    )
    if known is None:
        one = carrying.load(number=number, run_id=row.run_id, box=box, actor=actor, at=at, note=note)
        row.target = one.id
        box = one.box
    return _("%(number)s 已装入%(box)s。") % {"number": number, "box": known.box if known else box}


def _deliver(row: Tap, key: UUID, actor: Actor, at: datetime | None, note: str) -> str:
    known = Consignment.objects.filter(pk=key).first()
    if known is None:
        raise NotFound()
    if at and known.loaded_at and at < known.loaded_at:
        raise Conflict(_("卸下时间早于装车时间，请核对。"))
    told_before = known.state == "arrived" and known.run_id == row.run_id and known.arrived_at
    if not (at and told_before and _same(known.arrived_at or at, at)):
        carrying.deliver(consignment_id=key, actor=actor, at=at, note=note)
    return _("%(number)s 已送达，请接收人本人签收。") % {"number": known.number}


def _temperature(row: Tap, actor: Actor) -> str:
    celsius, box = celsius_of(row.given.get("celsius", "")), row.given.get("box", "")
    if not row.is_late:
        found = carrying.note_box_temperature(run_id=row.run_id, box=box, celsius=celsius, actor=actor)
    else:
        found = carrying.note_past_temperature(run_id=row.run_id, box=box, celsius=celsius, at=row.at, actor=actor)
    return measured(found)


def measured(found: Sequence[Any]) -> str:
    """What is said after reading a thermometer."""
    wrong = sum(not one.is_within for one in found)
    if not wrong:
        return _("已登记 %(n)s 件的温度。") % {"n": len(found)}
    return _("已登记 %(n)s 件的温度，其中 %(wrong)s 件超温，已通知双方，请检查冰排。") % {
        "n": len(found),
        "wrong": wrong,
    }


def celsius_of(text: str) -> Decimal:
    """A typed temperature with one decimal."""
    try:
        found = Decimal(text.strip().replace("，", ".").replace(",", ".")).quantize(Decimal("0.1"))
    except InvalidOperation:
        raise InvalidInput(errors={"celsius": _("请填写数字。")}) from None
    if not found.is_finite():
        raise InvalidInput(errors={"celsius": _("请填写数字。")})
    return found


def _sign(row: Tap, stop: RunStop, actor: Actor) -> str:
    """Over to somebody at the stop: everything put down there on this run that nobody signed for."""
    name, strokes = row.given.get("name", "").strip()[:40], row.given.get("strokes", "")
    if not name:
        raise InvalidInput(errors={"name": _("请填写接收人姓名。")})
    if len(strokes) > LONGEST_STROKES:
        raise InvalidInput(errors={"strokes": _("签名太长，请点“重签”后再签。")})
    here = Consignment.objects.filter(
        run_id=row.run_id, receiver_id=stop.institution_id, signature=None, state__in=["arrived", "received"]
    )
    keys = list(here.select_for_update().values_list("pk", flat=True))
    if not keys:
        raise Conflict(_("%(place)s还没有卸下的物品，不用签名。") % {"place": stop.institution.short_name})
    with refusing(
        logistics_driver_does_not_sign_over=InvalidInput(errors={"name": _("运送人不能代签，请接收人本人签名。")}),
        logistics_signed_by_somebody=InvalidInput(errors={"strokes": _("请接收人在框里签名。")}),
        logistics_strokes_drawn=InvalidInput(errors={"strokes": _("请接收人在框里签名。")}),
    ):
        signed = Signature.objects.create(
            stop=stop, name=name, strokes=strokes, at=row.at, taken_by=row.by, is_late=row.is_late
        )
    Consignment.objects.filter(pk__in=keys).update(signature=signed)
    return _("%(name)s 已签名接下 %(n)s 件。") % {"name": name, "n": len(keys)}


def _stop(row: Tap) -> RunStop:
    found = RunStop.objects.select_related("institution").filter(run_id=row.run_id)
    stop = found.filter(pk=row.target).first() if row.target else None
    if stop is None:
        raise NotFound(_("班次里没有这一站，请刷新后再试。"))
    return stop


def _same(known: datetime, at: datetime) -> bool:
    return abs(known - at) <= timedelta(minutes=definitions.parameters().clock_minutes)


def _ask(row: Tap) -> None:
    what = reads.targets([row])[row.pk]
    tasks.open_task(
        key=f"{REVIEW}:{row.pk}", kind=REVIEW, institution_id=row.run.base_id, role="logistics_dispatcher",
        title=_("%(run)s 补传待核对：%(what)s %(where)s") % {"run": row.run.name, "what": reads.words()[row.action], "where": what},
        url=reverse("logistics:tap_review", args=[row.pk]), subject=("logistics.tap", row.pk),
        due_at=clock.now() + timedelta(hours=definitions.parameters().review_hours),
    )  # fmt: skip


@racing("logistics.accept_tap")
@transaction.atomic
def accept_tap(*, tap_id: UUID, reason: str, actor: Actor) -> Tap:
    """The telephone's version holds. What the platform had stays readable in the tap. Refused where it still cannot be (a cancelled run, a thing
    that was lost): then it is dropped with the reason."""
    row = _waiting(tap_id)
    states.check(TAP, row, "accept", actor=actor, reason=reason)
    said = _overwrite(row) or carry_out(row, actor)
    row = states.transition(TAP, row, "accept", actor=actor, reason=reason, target=row.target, sentence=said[:400])
    tasks.resolve_task(key=f"{REVIEW}:{row.pk}", actor=actor, note=_("采用"))
    return row


@transaction.atomic
def drop_tap(*, tap_id: UUID, reason: str, actor: Actor) -> Tap:
    """What the platform has holds; what was tapped stays readable."""
    row = states.transition(TAP, _waiting(tap_id), "drop", actor=actor, reason=reason)
    tasks.resolve_task(key=f"{REVIEW}:{row.pk}", actor=actor, note=_("不采用"))
    return row


def _waiting(tap_id: UUID) -> Tap:
    row = Tap.objects.select_for_update(of=("self",)).select_related("run").filter(pk=tap_id).first()
    if row is None:
        raise NotFound()
    return row


def _overwrite(row: Tap) -> str:
    """A time that the platform has otherwise, a stop that was written off, or the way on from one of a run that is over, put as tapped; empty where
    there is nothing to put right."""
    if row.action in {"arrive", "leave"} and row.run.state in {"under_way", "done"}:
        stop, arrives = _stop(row), row.action == "arrive"
        known = stop.arrived_at if arrives else stop.left_at
        written_off, over = arrives and stop.skipped, not arrives and stop.arrived_at and row.run.state == "done"
        if known is None and not written_off and not over:
            return ""
        told = InvalidInput(_("离开时间早于到达时间，请核对。"))
        with refusing(logistics_left_after_arrival=told, logistics_reached_or_skipped=told):
            # Only what the tap says: the driver may be tapping on at this moment.
            RunStop.objects.filter(pk=stop.pk).update(
                **({"arrived_at": row.at, "skipped": ""} if arrives else {"left_at": row.at})
            )
        return _("已按手机上的 %(at)s 更正。") % {"at": _shown(row.at)}
    if row.action == "deliver" and row.target:
        done = Consignment.objects.select_for_update().filter(pk=row.target, run_id=row.run_id).first()
        if done and done.received_at and done.loaded_at and done.loaded_at <= row.at <= done.received_at:
            Consignment.objects.filter(pk=done.pk).update(arrived_at=row.at)
            return _("送达时间已按手机上的 %(at)s 更正，签收不变。") % {"at": _shown(row.at)}
    return ""


def _shown(at: datetime) -> str:
    return at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M")
