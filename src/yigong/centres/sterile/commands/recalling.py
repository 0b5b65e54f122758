"""A failed test after release: find everything since the last good test, block it, tell every holder and every patient's institution."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.sterile.commands import machines
from yigong.centres.sterile.commands.moving import unblock
from yigong.centres.sterile.events import RecallOpened
from yigong.centres.sterile.models import Load, MonitoringTest, Pack, Recall, RecallItem, Round
from yigong.centres.sterile.rules import definitions
from yigong.centres.sterile.rules.workflow import ITEM, LOAD, RECALL
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, start_many, transition
from yigong.tasks import api as tasks
from yigong.tasks.api import Escalation

RECALLED = tasks.declare_kind("sterile.recall", gettext_lazy("无菌包召回"))
EXPOSED = tasks.declare_kind("sterile.exposed", gettext_lazy("召回包已用于患者"))
WAITING = ("wanted", "sealed")
UNUSED = ("loaded", "stored", "issued", "received", "expired")


class StillOpen(Conflict):
    """A recall ends with its last pack."""

    code = "sterile.recall_open"
    message = "还有 %(n)s 项没有处置，不能结束召回。"


def open_recall(test: MonitoringTest, actor: Actor) -> Recall:
    """Stop the machine (locked by the caller) and call back everything of its loads that started after the last good test of this kind
    before the failed one. Called inside the transaction that keeps the failed result."""
    machine = test.machine
    since = machines.last_good(machine, test.kind, test.taken_at)
    reason = _("%(machine)s %(kind)s不合格") % {"machine": machine.name, "kind": MonitoringTest.Kind(test.kind).label}
    if machine.stopped_at is None:
        machines.stop(machine, reason, actor)
    row = Recall(
        number=dated_number("sterile.recall", "ZH"), centre_id=machine.centre_id, machine=machine, test=test, since=since,
        opened_at=clock.now(), opened_by=actor.name[:80], reason=f"{reason}：{test.note}"[:300] if test.note else reason,
    )  # fmt: skip
    start(RECALL, row, "open", actor=actor, reason=reason)
    items = _catch(row, suspect_loads(row), actor)
    for load in suspect_loads(row).filter(state__in=["released", "early"]).order_by("id"):
        transition(LOAD, load, "recall", actor=actor, reason=reason)
    _tell(row, items)
    patients = {item.resident_id for item in items if item.resident_id}
    record(RecallOpened(row.pk, machine.pk, len(items), len(patients)))
    return row


def suspect_loads(row: Recall) -> QuerySet[Load]:
    """The loads of the machine that no good test speaks for."""
    found = Load.objects.filter(machine_id=row.machine_id, started_at__isnull=False).exclude(
        state__in=["rejected", "void"]
    )
    return found.filter(started_at__gt=row.since) if row.since else found


def _catch(row: Recall, loads: QuerySet[Load], actor: Actor) -> list[RecallItem]:
    """Every round of the loads: used in somebody, or not used and still about. Packs are locked first: a use that comes later is refused,
    one that came before is seen."""
    keys = list(loads.values_list("id", flat=True))
    held = Pack.objects.select_for_update().filter(round__load__in=keys, state__in=UNUSED).order_by("id")
    blocked = [pack.pk for pack in held]
    Pack.objects.filter(pk__in=blocked).update(blocked=True)
    about = Q(used_at__isnull=False) | Q(pack__round=F("id"), pack__state__in=UNUSED)
    rounds = Round.objects.filter(about, load__in=keys).select_related("pack").order_by("label")
    items = []
    for one in rounds:
        holder = one.destination_id if one.used_at else one.pack.holder_id
        assert holder is not None and one.load_id is not None, "it was sterilised and is somewhere"
        item = RecallItem(
            recall=row, pack=one.pack, round=one, load_id=one.load_id, holder_id=holder, resident_id=one.resident_id,
            pack_state="used" if one.used_at else one.pack.state, encounter_id=one.encounter_id,
        )  # fmt: skip
        items.append(item)
    start_many(ITEM, items, lambda item: "exposed" if item.resident_id else "wanted", actor=actor)
    return items


def _tell(row: Recall, items: list[RecallItem]) -> None:
    """One to-do for each holder, one for each patient at the institution of the use, one for who oversees it."""
    wanted = Counter(item.holder_id for item in items if item.state == "wanted")
    notify = clock.now() + timedelta(minutes=definitions.limits().notify_minutes)
    recover = clock.now() + timedelta(hours=definitions.limits().recover_hours)
    address, subject = reverse("sterile:recall", args=[row.pk]), ("sterile.recall", row.pk)
    needs = [
        tasks.NewTask(
            f"{RECALLED}:{row.pk}:{holder}", RECALLED,
            _("召回 %(number)s：请封存并退回 %(n)s 包") % {"number": row.number, "n": count}, holder, address, subject,
            role="sterile_technician" if holder == row.centre_id else "nurse", due_at=notify, urgent=True,
            escalate_to=Escalation(role="quality_manager" if holder == row.centre_id else "township_manager"),
        )
        for holder, count in wanted.items()
    ]  # fmt: skip
    needs += [
        tasks.NewTask(
            f"{EXPOSED}:{item.pk}", EXPOSED,
            _("召回的 %(label)s 已用于患者，请评估并随访") % {"label": item.round.label}, item.holder_id, address, subject,
            role="nurse", about_resident_id=item.resident_id, due_at=recover, urgent=True,
            escalate_to=Escalation(role="quality_manager", institution_id=row.centre_id),
        )
        for item in items
        if item.state == "exposed"
    ]  # fmt: skip
    needs.append(
        tasks.NewTask(
            f"{RECALLED}:{row.pk}", RECALLED,
            _("召回 %(number)s：共 %(n)s 包，请督促追回并查找原因") % {"number": row.number, "n": len(items)}, row.centre_id, address,
            subject, role="quality_manager", due_at=recover, urgent=True, escalate_to=Escalation(role="director"),
        )
    )  # fmt: skip
    tasks.open_tasks(tasks=needs)


@transaction.atomic
def settle_item(*, item_id: UUID, action: str, actor: Actor, note: str = "") -> RecallItem:
    """Seal on the spot, clear after checking, give up, or assess the patient. What is physically returned settles itself by its scan."""
    if action not in {"seal", "clear", "give_up", "assess"}:
        raise InvalidInput(errors={"action": _("请选择处置方式。")})
    found = RecallItem.objects.select_related("recall").filter(pk=item_id).first()
    if found is None:
        raise NotFound()
    pack = Pack.objects.select_for_update().get(pk=found.pack_id)
    done = transition(ITEM, found, action, actor=actor, reason=note, note=note.strip()[:300])
    if action == "clear":
        unblock(pack)
    settle_tasks(done, actor)
    return done


@transaction.atomic
def seal_all(*, recall_id: UUID, institution_id: UUID, actor: Actor) -> int:
    """A holder says that all its packs are put away; returns how many."""
    rows = RecallItem.objects.filter(recall_id=recall_id, holder_id=institution_id, state="wanted").order_by("id")
    for row in rows:
        settle_tasks(transition(ITEM, row, "seal", actor=actor), actor)
    return len(rows)


def settle_tasks(item: RecallItem, actor: Actor) -> None:
    """The to-do of a holder ends when none of its packs is at large, a patient's when the assessment is written."""
    if item.state == "assessed":
        tasks.resolve_task(key=f"{EXPOSED}:{item.pk}", actor=actor, note=item.note)
    at_large = RecallItem.objects.filter(recall_id=item.recall_id, holder_id=item.holder_id, state="wanted").exists()
    if not at_large:
        tasks.resolve_task(key=f"{RECALLED}:{item.recall_id}:{item.holder_id}", actor=actor)


@transaction.atomic
def close_recall(*, recall_id: UUID, note: str, actor: Actor) -> Recall:
    """Cause found, everything settled."""
    row = Recall.objects.filter(pk=recall_id).first()
    if row is None:
        raise NotFound()
    left = row.items.filter(state__in=[*WAITING, "exposed"]).count()
    if left:
        raise StillOpen(n=left)
    done = transition(RECALL, row, "close", actor=actor, reason=note, closing_note=note.strip()[:300])
    tasks.resolve_task(key=f"{RECALLED}:{row.pk}", actor=actor, note=note)
    return done


def remind(item: RecallItem) -> None:
    """The clock's: not recovered or assessed in time."""
    tasks.open_task(
        key=f"{RECALLED}:late:{item.pk}", kind=RECALLED, institution_id=item.recall.centre_id, role="quality_manager",
        title=_("召回逾期：%(label)s %(state)s") % {"label": item.round.label, "state": _(ITEM.states[item.state].label)},
        url=reverse("sterile:recall", args=[item.recall_id]), subject=("sterile.recall", item.recall_id), urgent=True,
    )  # fmt: skip
