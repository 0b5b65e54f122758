"""The workbench: each scan is one step at the station where one stands; archive; decalcification."""

from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.pathology.commands.steps import locked, step
from yigong.centres.pathology.models import Case, Specimen
from yigong.centres.pathology.rules import catalogue
from yigong.centres.pathology.rules.specimens import STATIONS
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput
from yigong.orders import api as orders
from yigong.tasks import api as tasks

DECALCIFIED = tasks.declare_kind("pathology.decalcified", gettext_lazy("脱钙到时"))
STAINS = tasks.declare_kind("pathology.stains", gettext_lazy("病理加做染色"))
STAINED = tasks.declare_kind("pathology.stained", gettext_lazy("加做染色已完成"))


@racing("pathology.pass_station")
@transaction.atomic
def pass_station(*, station: str, code: str, actor: Actor) -> Specimen:
    """A block or slide was scanned at a station: one step onward. In another state it is said where it is; twice is refused."""
    if station not in STATIONS:
        raise InvalidInput(errors={"code": _("请先选择工位。")})
    values: dict[str, Any] = {"ready_at": clock.now()} if station == "stain" else {}
    row = step(locked(code), STATIONS[station][0], actor, **values)
    if station == "process":
        tasks.resolve_task(key=f"{DECALCIFIED}:{row.pk}", actor=actor)
    if station == "stain" and row.is_additional:
        _stains_ready(row, actor)
    return row


@transaction.atomic
def decalcify(*, code: str, actor: Actor) -> Specimen:
    """A block with bone waits in the decalcifying fluid; the pack says after how long somebody looks."""
    return step(locked(code), "decalcify", actor)


@transaction.atomic
def file_specimen(*, code: str, place: str, actor: Actor) -> Specimen:
    """Into the archive, at a place, until the day the pack says (tissue: counted from the report)."""
    if not place.strip():
        raise InvalidInput(errors={"place": _("请填写存放位置，例如“蜡块柜 3-12”。")})
    row = locked(code)
    return step(row, "file", actor, place=place.strip()[:40], keep_until=_until(row))


@transaction.atomic
def take_out(*, code: str, actor: Actor) -> Specimen:
    """Out of the archive for use in the house."""
    return step(locked(code), "take_out", actor)


@transaction.atomic
def lose(*, code: str, reason: str, actor: Actor) -> Specimen:
    """Lost or broken, with what happened."""
    row = locked(code)
    if row.state == "lent":
        raise Conflict(_("%(code)s 已借出，请在借出单上登记遗失。") % {"code": row.code})
    return step(row, "lose", actor, reason=reason, remark=reason.strip()[:300])


@transaction.atomic
def give_back(*, code: str, receiver: str, actor: Actor) -> Specimen:
    """Slides and blocks sent in for a consultation, or tissue, go back to whoever sent them; the receiver is named."""
    if not receiver.strip():
        raise InvalidInput(errors={"receiver": _("请填写领取人。")})
    return step(
        locked(code),
        "give_back",
        actor,
        reason=_("退还 %(who)s") % {"who": receiver.strip()},
        remark=receiver.strip()[:300],
    )


@transaction.atomic
def dispose(*, code: str, witness: str, actor: Actor) -> Specimen:
    """What was kept long enough is disposed of before a witness."""
    row = locked(code)
    if not witness.strip() or witness.strip() == actor.name:
        raise InvalidInput(errors={"witness": _("请填写另一位见证人的姓名。")})
    if row.keep_until and row.keep_until >= clock.today():
        raise Conflict(_("%(code)s 应保存至 %(day)s，现在不能处理。") % {"code": row.code, "day": row.keep_until})
    return step(row, "dispose", actor, reason=_("到期处理，见证人 %(who)s") % {"who": witness.strip()})


def decalcification_due(row: Specimen) -> None:
    """Long enough in the fluid: somebody looks whether it can go on; the clock's."""
    tasks.open_task(
        key=f"{DECALCIFIED}:{row.pk}", kind=DECALCIFIED, institution_id=row.centre_id, role="pathology_technician",
        title=_("脱钙到时，请检查：%(code)s %(label)s") % {"code": row.code, "label": row.label}, due_at=clock.now(),
        url=reverse("pathology:case", args=[row.order_id]), subject=("order", row.order_id),
    )  # fmt: skip


def _until(row: Specimen) -> date:
    rules = catalogue.rules()
    if row.kind != "container":
        return clock.today().replace(month=12, day=31, year=clock.today().year + rules.keep_years)
    reported = orders.order_facts(row.order_id).reported_at
    start = reported.astimezone(clock.SHANGHAI).date() if reported else clock.today()
    return date.fromordinal(start.toordinal() + rules.keep_gross_days)


def _stains_ready(row: Specimen, actor: Actor) -> None:
    """The last stain asked for is there: the reader is told."""
    waiting = Specimen.objects.filter(order_id=row.order_id, is_additional=True, state__in=["ordered", "sectioned"])
    if waiting.exists():
        return
    tasks.resolve_task(key=f"{STAINS}:{row.order_id}", actor=actor)
    report = orders.report_of(row.order_id, actor=actor)
    who = {"staff_id": report.claimed_by_id} if report and report.claimed_by_id else {"role": "pathologist"}
    number = Case.objects.values_list("number", flat=True).get(pk=row.order_id)
    tasks.open_task(
        key=f"{STAINED}:{row.order_id}", kind=STAINED, institution_id=row.centre_id, title=_("加做染色已完成：%(n)s") % {"n": number},
        url=reverse("orders:report", args=[row.order_id]), subject=("order", row.order_id), **who,
    )  # fmt: skip
