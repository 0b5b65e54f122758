"""A load from opening to its end, and its release with every pack in it."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.sterile.commands import machines, processing
from yigong.centres.sterile.commands.errors import NotReleasable
from yigong.centres.sterile.commands.moving import move, set_round
from yigong.centres.sterile.models import Load, MonitoringTest, Pack
from yigong.centres.sterile.rules import definitions, readings
from yigong.centres.sterile.rules.readings import Reading
from yigong.centres.sterile.rules.release import Verdict, judge_load, takes_biological
from yigong.centres.sterile.rules.workflow import LOAD
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.numbers.api import next_value
from yigong.core.states.api import start, transition
from yigong.tasks import api as tasks

BIOLOGICAL = tasks.declare_kind("sterile.biological", gettext_lazy("生物监测结果"))
Kind = MonitoringTest.Kind


class MachineBusy(Conflict):
    """A machine runs one load at a time."""

    code = "sterile.machine_busy"
    message = "%(machine)s 还有一锅没有结束，请先完成或取消那一锅。"


@transaction.atomic
def open_load(*, machine_id: UUID, programme: str, actor: Actor) -> Load:
    """A load that takes packs. Raises MachineStopped, MachineBusy, InvalidInput for a programme the machine cannot run."""
    machine = machines.locked_machine(machine_id, actor)
    wanted = definitions.programme(programme)
    if wanted.method != machine.method:
        raise InvalidInput(errors={"programme": _("%(machine)s 不能运行这个程序。") % {"machine": machine.name}})
    machines.refuse_stopped(machine)
    day = clock.today()
    serial = next_value("sterile.load", f"{machine.pk}:{day}")
    row = Load(
        number=f"{machine.code}-{day:%Y%m%d}-{serial:02d}", machine=machine, centre_id=machine.centre_id, kind=wanted.kind,
        programme=wanted.code, programme_label=wanted.label, opened_at=clock.now(), opened_by=actor.name[:80],
    )  # fmt: skip
    with refusing(sterile_machine_runs_one_load=MachineBusy(machine=machine.name)):
        start(LOAD, row, "open", actor=actor)
    return row


@transaction.atomic
def start_load(*, load_id: UUID, actor: Actor) -> Load:
    """The cycle begins: dates of sterilisation and expiry are written, and whether a biological indicator goes in.

    Refuses an empty load, a stopped machine, and a pre-vacuum steriliser without a good Bowie-Dick test today.
    """
    row = locked_load(load_id, actor)
    machines.refuse_stopped(row.machine)
    wanted = definitions.programme(row.programme)
    packs = packs_in(row)
    if not packs:
        raise InvalidInput(_("这一锅还没有扫入器械包。"))
    if wanted.bowie_dick and not machines.passed_today(row.machine, MonitoringTest.Kind.BOWIE_DICK):
        raise InvalidInput(_("%(machine)s 今天还没有合格的 B-D 试验，不能灭菌。") % {"machine": row.machine.name})
    implants = row.kind == "sterilise" and any(pack.kind == "implant" for pack in packs)
    takes = takes_biological(
        wanted, implants=implants, last_good=machines.last_good(row.machine, "biological", clock.now()), now=clock.now(),
        weekly_days=definitions.limits().weekly_days,
    )  # fmt: skip
    today = clock.today()
    if row.kind == "sterilise":
        for pack in packs:
            assert pack.round is not None
            set_round(pack.round, sterilised_on=today, expires_on=definitions.expires(pack.round.material, today))
    return transition(
        LOAD, row, "start", actor=actor, started_at=clock.now(), started_by=actor.name[:80], takes_biological=takes,
        waits_biological=implants or (takes and wanted.biological == "load"),
    )  # fmt: skip


@transaction.atomic
def finish_load(
    *,
    load_id: UUID,
    actor: Actor,
    temperature: float | None = None,
    minutes: float | None = None,
    pressure: float | None = None,
    a0: int = 0,
    curve: str = "",
) -> Load:
    """The cycle is over; what the machine wrote (or shows) is judged by the programme and kept as the physical result."""
    row = locked_load(load_id, actor)
    wanted = definitions.programme(row.programme)
    points = readings.read_curve(curve) if curve.strip() else []
    if points:
        found = readings.judge_curve(points, wanted)
    elif wanted.kind == "wash":
        if a0 <= 0:
            raise InvalidInput(errors={"a0": _("请填写 A0 值，或粘贴清洗机的温度记录。")})
        found = readings.judge(temperature or 0.0, minutes or 0.0, None, wanted, a0=a0)
    else:
        if temperature is None or minutes is None:
            raise InvalidInput(errors={"temperature": _("请填写温度和维持时间，或粘贴灭菌器的记录。")})
        found = readings.judge(temperature, minutes, pressure, wanted)
    done = transition(
        LOAD, row, "finish", actor=actor, finished_at=clock.now(), finished_by=actor.name[:80],
        curve=[[round(p.minute, 2), p.temperature, p.pressure] for p in points[:: max(1, len(points) // 300)]],
    )  # fmt: skip
    keep_physical(done, found, actor)
    return done


def verdict_of(row: Load) -> Verdict:
    """What still speaks against a release."""
    return judge_load(row.kind, row.waits_biological, row.tests.values_list("kind", "good"))


@racing("sterile.release_load")
@transaction.atomic
def release_load(*, load_id: UUID, actor: Actor) -> int:
    """Every required result is good: the packs go to the sterile store (from a washer: they are disinfected). Returns how many packs."""
    row = locked_load(load_id, actor)
    machines.refuse_stopped(row.machine)
    verdict = verdict_of(row)
    if not verdict.is_good and row.state in {"finished", "early"}:
        raise NotReleasable(load=row.number, why=_why(verdict))
    done = transition(LOAD, row, "release", actor=actor, released_at=clock.now(), released_by=actor.name[:80])
    return _let_out(done, actor)


@transaction.atomic
def release_early(*, load_id: UUID, reason: str, actor: Actor) -> int:
    """An emergency cannot wait for the biological result: everything else is good, the reason is kept, and whoever released must see to the result."""
    row = locked_load(load_id, actor)
    machines.refuse_stopped(row.machine)
    verdict = verdict_of(row)
    if not verdict.only_biological:
        raise NotReleasable(load=row.number, why=_why(verdict) or _("不需要等待生物监测，请直接放行。"))
    done = transition(
        LOAD, row, "release_early", actor=actor, reason=reason, released_at=clock.now(), released_by=actor.name[:80],
        early_reason=reason.strip()[:200],
    )  # fmt: skip
    ask_biological(done)
    return _let_out(done, actor)


@transaction.atomic
def reject_load(*, load_id: UUID, reason: str, actor: Actor) -> int:
    """The cycle failed: every pack in it is washed again. Returns how many."""
    row = locked_load(load_id, actor)
    done = transition(LOAD, row, "reject", actor=actor, reason=reason)
    packs = packs_in(done)
    for pack in packs:
        moved = move(pack, "rework", actor=actor, load=done, note=reason)
        processing.clear_work(moved)
    return len(packs)


@transaction.atomic
def cancel_load(*, load_id: UUID, reason: str, actor: Actor) -> Load:
    """A load opened by mistake; packs must be taken out (their scans undone) first."""
    row = locked_load(load_id, actor)
    if packs_in(row):
        raise InvalidInput(_("这一锅里还有器械包，请先撤销扫描。"))
    return transition(LOAD, row, "cancel", actor=actor, reason=reason)


def packs_in(row: Load) -> list[Pack]:
    """The packs that are in this load now, locked in one order."""
    inside = {"wash": {"round__wash": row, "state": "cleaned"}, "sterilise": {"round__load": row, "state": "loaded"}}
    found = Pack.objects.select_for_update(of=("self",)).select_related("round").filter(**inside[row.kind])
    return list(found.order_by("id"))


def locked_load(load_id: UUID, actor: Actor) -> Load:
    """A load of the actor's centre, locked; its machine is locked first, so that a failing test and a release wait for each other."""
    found = Load.objects.filter(pk=load_id).values_list("machine_id", flat=True).first()
    if found is None:
        raise NotFound()
    machines.locked_machine(found, actor)
    return Load.objects.select_for_update(of=("self",)).select_related("machine").get(pk=load_id)


def _let_out(row: Load, actor: Actor) -> int:
    packs = packs_in(row)
    for pack in packs:
        if row.kind == "wash":
            move(pack, "disinfect", actor=actor, load=row, method=row.programme_label)
            continue
        assert pack.round is not None
        set_round(pack.round, stored_at=clock.now())
        move(pack, "store", actor=actor, load=row, method=row.programme_label)
    return len(packs)


def _why(verdict: Verdict) -> str:
    parts = []
    if verdict.missing:
        parts.append(_("缺少%(what)s") % {"what": "、".join(verdict.missing)})
    if verdict.bad:
        parts.append(_("%(what)s不合格") % {"what": "、".join(verdict.bad)})
    return "、".join(parts)


def keep_physical(row: Load, found: Reading, actor: Actor) -> None:
    """The physical result of a load that has just finished."""

    def tenth(value: float | None) -> Decimal | None:
        return None if value is None else Decimal(str(round(value, 1)))

    assert row.started_at is not None, "it has finished"
    MonitoringTest.objects.create(
        machine=row.machine, load=row, kind=Kind.PHYSICAL, good=found.is_good, taken_at=row.started_at, read_at=clock.now(),
        read_by=actor.name[:80], temperature=tenth(found.temperature), minutes=tenth(found.minutes), pressure=tenth(found.pressure),
        a0=found.a0 or None, note=" ".join(found.faults)[:300],
    )  # fmt: skip


def ask_biological(row: Load, *, late: bool = False) -> None:
    """Whoever released early must bring the result; ``late`` is the clock's second call."""
    tasks.open_task(
        key=f"{BIOLOGICAL}:{row.pk}{':late' if late else ''}", kind=BIOLOGICAL, institution_id=row.centre_id,
        role="quality_manager" if late else "sterile_technician", urgent=True,
        title=_("%(load)s 紧急放行，请登记生物监测结果；不合格须立即召回") % {"load": row.number},
        url=reverse("sterile:load", args=[row.pk]), subject=("sterile.load", row.pk),
        due_at=clock.now() + timedelta(hours=definitions.limits().biological_hours),
        escalate_to=tasks.Escalation(role="quality_manager"),
    )  # fmt: skip
