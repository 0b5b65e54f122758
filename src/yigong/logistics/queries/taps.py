"""Taps of drivers' telephones: what waits, and what the platform has beside each."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.logistics.models import Consignment, Run, RunStop, Tap, Temperature
from yigong.logistics.queries.consignments import consignments_data
from yigong.logistics.rules.workflow import RUN

ACTIONS = ("arrive", "leave", "skip", "load", "deliver", "temperature", "sign")


def words() -> dict[str, str]:
    """What each tap is called."""
    return {
        "arrive": _("到达"), "leave": _("离开"), "skip": _("不停靠"), "load": _("装车"), "deliver": _("卸下送达"), "temperature": _("温度"),
        "sign": _("接收人签名"),
    }  # fmt: skip


def waiting(actor: Actor, state: str = "review") -> QuerySet[Tap]:
    """The taps of the runs that the actor's institution sends, newest first."""
    rows = Tap.objects.filter(run__base_id__in=actor.places, state=state)
    if state == "accepted":
        rows = rows.filter(is_late=True)
    return rows.select_related("run").order_by("-at", "-id")


def tap(tap_id: UUID, actor: Actor) -> Tap:
    """One tap of a run of the actor's institution, or his own."""
    row = Tap.objects.select_related("run").filter(pk=tap_id).first()
    if row is None:
        raise NotFound()
    if not (actor.is_system or row.staff_id == actor.staff_id or row.run.base_id in actor.places):
        raise Forbidden(_("这是另一机构的物流班次。"))
    return row


def late_of_run(run_id: UUID) -> dict[tuple[UUID, str], datetime]:
    """When the late taps of a run came, by stop and action."""
    rows = Tap.objects.filter(run_id=run_id, state="accepted", is_late=True, target__isnull=False)
    return {(key, action): sent for key, action, sent in rows.values_list("target", "action", "sent_at") if key}


def waiting_of_run(run_id: UUID) -> int:
    """How many taps of a run wait for the dispatcher."""
    return Tap.objects.filter(run_id=run_id, state="review").count()


def targets(rows: list[Tap]) -> dict[UUID, str]:
    """What each tap is about, in words: a place, a thing or a box of the vehicle. Two questions."""
    keys = {row.target for row in rows if row.target}
    names = dict(RunStop.objects.filter(pk__in=keys).values_list("pk", "institution__short_name"))
    names |= dict(Consignment.objects.filter(pk__in=keys).values_list("pk", "number"))
    return {
        row.pk: (names.get(row.target) if row.target else "") or row.given.get("number") or row.given.get("box", "")
        for row in rows
    }


def said(row: Tap) -> str:
    """The telephone's version in words."""
    given, text = row.given, words().get(row.action, row.action)
    more = {
        "load": [given.get("number", ""), given.get("box", "")], "temperature": [given.get("box", ""), given.get("celsius", "") + " ℃"],
        "sign": [given.get("name", "")], "skip": [given.get("reason", "")],
    }.get(row.action, [])  # fmt: skip
    return " ".join([text, *[one for one in more if one]])


def platform_says(run: Run, action: str, target: UUID | None, number: str, box: str) -> str:
    """What the platform has about the thing of a tap now."""
    told = [_("班次%(state)s") % {"state": RUN.label(run.state)}]
    if action in {"arrive", "leave", "skip", "sign"}:
        told += _stop(RunStop.objects.filter(pk=target, run=run).first() if target else None)
    elif action in {"load", "deliver"}:
        rows = Consignment.objects.select_related("sender", "receiver", "run")
        one = rows.filter(pk=target).first() if target else rows.filter(number=number).first()
        told += _goods(one) if one else [_("没有这个编号的运送件")]
    elif action == "temperature":
        read = Temperature.objects.filter(consignment__run=run, consignment__box=box).order_by("-at").first()
        told.append(
            _("%(at)s 最近一次 %(celsius)s ℃") % {"at": _at(read.at), "celsius": read.celsius}
            if read
            else _("没有温度记录")
        )
    return "；".join(told)[:400]


def _stop(stop: RunStop | None) -> list[str]:
    if stop is None:
        return [_("班次里没有这一站")]
    if stop.skipped:
        return [_("未停靠（%(why)s）") % {"why": stop.skipped}]
    told = [_("%(at)s 到达") % {"at": _at(stop.arrived_at)} if stop.arrived_at else _("未登记到达")]
    return [*told, _("%(at)s 离开") % {"at": _at(stop.left_at)}] if stop.left_at else told


def _goods(row: Consignment) -> list[str]:
    one = consignments_data([_unmeasured(row)])[0]
    told = [one.number, one.state_label]
    if one.run_number:
        told.append(_("班次 %(run)s%(box)s") % {"run": one.run_number, "box": f" {one.box}" if one.box else ""})
    if one.arrived_at:
        told.append(_("%(at)s 送达") % {"at": _at(one.arrived_at)})
    if one.received_at:
        told.append(_("%(at)s 由%(who)s签收") % {"at": _at(one.received_at), "who": one.received_by})
    return told


def _unmeasured(row: Consignment) -> Consignment:
    row.coldest = row.warmest = None  # type: ignore[attr-defined]
    row.excursions = 0  # type: ignore[attr-defined]
    return row


def _at(moment: datetime | None) -> str:
    return moment.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M") if moment else "—"
