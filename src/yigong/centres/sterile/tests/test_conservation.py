"""Random sequences of everything people do with packs: none is lost, none doubled, none in two places; and a recall is complete."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yigong.centres.sterile.commands import (
    loading,
    monitoring,
    processing,
    recalling,
    registering,
    undoing,
)
from yigong.centres.sterile.data import Context
from yigong.centres.sterile.models import Load, MonitoringTest, Pack, Recall, RecallItem, Round
from yigong.centres.sterile.tests.world import SterileWorld
from yigong.core import clock
from yigong.core.errors import DomainError
from yigong.core.states.clocks import sweep

SEQUENCES, LONGEST = 14, 26
_ran: list[int] = []
_done: Counter[str] = Counter()


class Town:
    """Acts on whatever is there: the n-th pack, the n-th load. What the house refuses is no fault of the house."""

    def __init__(self, world: SterileWorld) -> None:
        self.world, self.shift = world, timedelta()

    def labels(self, *states: str) -> list[str]:
        """Labels of packs in these states."""
        found = Pack.objects.filter(state__in=states) if states else Pack.objects.all()
        return list(found.order_by("number").values_list("round__label", flat=True))

    def act(self, name: str, n: int, flag: bool) -> None:
        """One deed, or its refusal; a refusal leaves nothing behind."""
        try:
            with transaction.atomic(), clock.travel(self.shift):
                getattr(self, name)(n, flag)
        except DomainError:
            _done["refused"] += 1
        else:
            _done[name] += 1

    def _each(self, step: Callable[..., Any], labels: list[str], **context: Any) -> None:
        for label in labels:
            step(code=label, actor=self.world.technician, context=Context(**context))

    def register(self, n: int, flag: bool) -> None:
        """New packs."""
        self.world.packs(1 + n % 3, "GKZRW" if flag and n % 4 == 0 else "HYB-XZ")

    def prepare(self, n: int, flag: bool) -> None:
        """What is unclean goes as far as packed."""
        labels = self.labels("returned")[: 1 + n % 4]
        if labels:
            self.world.prepared(labels)

    def one_step(self, n: int, flag: bool) -> None:
        """Any step on any pack, mostly the wrong one."""
        labels, steps = self.labels(), list(processing.STEPS.values())
        if labels:
            context = Context(second="核对人", reason="退回" if flag else "", method="manual")
            steps[n % len(steps)](code=labels[n % len(labels)], actor=self.world.technician, context=context)

    def cycle(self, n: int, flag: bool) -> None:
        """Packed packs through the steriliser; released, or left waiting."""
        labels = self.labels("packed")[: 1 + n % 5]
        if labels:
            load = self.world.cycled(labels)
            if flag:
                loading.release_load(load_id=load.pk, actor=self.world.technician)

    def release(self, n: int, flag: bool) -> None:
        """A waiting load leaves or fails."""
        found = list(Load.objects.filter(state="finished").order_by("number"))
        if found and flag:
            loading.release_early(load_id=found[n % len(found)].pk, reason="急诊", actor=self.world.technician)
        elif found:
            loading.reject_load(load_id=found[n % len(found)].pk, reason="湿包", actor=self.world.technician)

    def send(self, n: int, flag: bool) -> None:
        """Sterile packs to a township; received, or still on the road."""
        labels, place = self.labels("stored")[: 1 + n % 3], self.world.township if flag else self.world.other
        if labels:
            (self.world.received if n % 2 else self.world.sent)(labels, place)

    def use(self, n: int, flag: bool) -> None:
        """In the patient of the township."""
        labels = self.labels("received", "issued", "stored")
        if labels:
            self.world.use(labels[n % len(labels)])

    def collect(self, n: int, flag: bool) -> None:
        """Back to the centre, now and then not opened, now and then short."""
        labels = self.labels("used", "expired", *(["received", "issued", "stored"] if flag else []))
        if labels:
            counted = {"WP-100": 0} if n % 5 == 0 else {}
            processing.collect(
                code=labels[n % len(labels)],
                actor=self.world.technician,
                context=Context(reason="退回", counted=counted),
            )

    def undo(self, n: int, flag: bool) -> None:
        """The last scan of any pack, by whoever may."""
        labels = self.labels()
        if labels:
            actor = self.world.nurse if flag else self.world.technician
            undoing.undo_last(code=labels[n % len(labels)], reason="扫错", actor=actor)

    def set_aside(self, n: int, flag: bool) -> None:
        """Repaired, lost, found, scrapped."""
        labels = self.labels()
        if labels:
            action = ["repair", "mend", "lose", "find", "scrap"][n % 5]
            registering.set_aside(
                code=labels[n % len(labels)], action=action, reason="异常", actor=self.world.technician
            )

    def biological(self, n: int, flag: bool) -> None:
        """A biological result of some load, good or bad; a bad one recalls."""
        loads = list(Load.objects.filter(kind="sterilise", finished_at__isnull=False).order_by("number"))
        if loads:
            good = flag
            monitoring.record_result(
                load_id=loads[n % len(loads)].pk,
                kind="biological",
                good=good,
                note="" if good else "阳性",
                actor=self.world.technician,
            )

    def repair_machine(self, n: int, flag: bool) -> None:
        """Three good empty cycles and the machine runs again."""
        from yigong.centres.sterile.commands import machines

        machine = self.world.steriliser
        for _test in range(3):
            monitoring.record_machine_test(
                machine_id=machine.pk, kind="biological", good=True, actor=self.world.technician
            )
        machines.resume_machine(machine_id=machine.pk, actor=self.world.technician)

    def settle(self, n: int, flag: bool) -> None:
        """Items of a recall."""
        items = list(RecallItem.objects.filter(state__in=["wanted", "sealed", "exposed"]).order_by("id"))
        if items:
            item = items[n % len(items)]
            action = "assess" if item.state == "exposed" else ["seal", "clear", "give_up"][n % 3]
            recalling.settle_item(item_id=item.pk, action=action, note="已核实", actor=self.world.technician)

    def wait(self, n: int, flag: bool) -> None:
        """Days pass; the clock sweeps."""
        self.shift += timedelta(days=1 + n * 20 if flag else 0, minutes=7)
        with clock.travel(timedelta(minutes=7)):
            sweep()


DEEDS = [
    "register", "prepare", "prepare", "one_step", "cycle", "cycle", "release", "send", "send", "use", "collect", "collect", "undo",
    "undo", "set_aside", "biological", "biological", "repair_machine", "settle", "wait",
]  # fmt: skip


# So that there is something to do everything with.
BEGIN = [("register", 2, False), ("prepare", 3, False), ("cycle", 4, True), ("send", 1, True), ("use", 0, True)]


def ledger_places() -> dict[UUID, list[tuple[str, UUID, int]]]:
    """Of each pack, the accounts in which the ledger's entries about it do not cancel out, without the source."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.about, a.kind, a.owner_id, sum(e.amount) from ledger_entry e join ledger_posting p on p.id = e.posting_id "
            "join ledger_ledgeraccount a on a.id = e.account_id where a.kind like 'sterile.%%' and a.kind <> 'sterile.registered' "
            "group by 1, 2, 3 having sum(e.amount) <> 0"
        )
        found: dict[UUID, list[tuple[str, UUID, int]]] = {}
        for about, kind, owner, amount in cursor.fetchall():
            found.setdefault(about, []).append((kind, owner, int(amount)))
        return found


def check_conserved() -> None:
    """Rows and ledger agree on every pack, and balances on how many there are."""
    places = ledger_places()
    packs = list(Pack.objects.all())
    assert set(places) == {pack.pk for pack in packs}
    for pack in packs:
        assert places[pack.pk] == [(f"sterile.{pack.state}", pack.holder_id, 1)], pack
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(sum(balance), 0), coalesce(min(balance) filter (where kind <> 'sterile.registered'), 0) from ledger_ledgeraccount where kind like 'sterile.%%'")  # fmt: skip
        total, lowest = cursor.fetchone()
    assert (total, lowest >= 0) == (0, True)


def expected_items(recall: Recall) -> set[UUID]:
    """What the newest recall had to find, reckoned from the scans alone, one pack after the other (only sound at the moment it opens)."""
    good = [t.taken_at for t in MonitoringTest.objects.filter(machine=recall.machine, kind=recall.test.kind, good=True)]
    since = max((at for at in good if at < recall.test.taken_at), default=None)
    found = set()
    for row in Round.objects.all():
        scans = list(row.scans.filter(undoes__isnull=True, undone_by__isnull=True).order_by("at", "id"))
        sterilised = [s for s in scans if s.action == "load"]
        if not sterilised:
            continue
        load = sterilised[-1].load
        suspect = (
            load.machine_id == recall.machine_id and load.started_at and (since is None or load.started_at > since)
        )
        thrown_out = any(s.action == "rework" and s.at > sterilised[-1].at for s in scans)
        if not suspect or thrown_out or load.state == "rejected":
            continue
        used = any(s.action == "use" for s in scans)
        if used or Pack.objects.filter(round=row, state__in=recalling.UNUSED).exists():
            found.add(row.pk)
    return found


@settings(max_examples=SEQUENCES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 11), st.booleans()), min_size=16, max_size=LONGEST))
def _play(world: SterileWorld, deeds: list[tuple[str, int, bool]]) -> None:
    place = transaction.savepoint()
    try:
        town, known = Town(world), 0
        for name, n, flag in [*BEGIN, *deeds]:
            town.shift += timedelta(seconds=30)
            town.act(name, n, flag)
            if Recall.objects.count() > known:
                newest = Recall.objects.order_by("-opened_at").first()
                assert newest is not None
                assert set(newest.items.values_list("round_id", flat=True)) == expected_items(newest)
                known, _done["recalls checked"] = known + 1, _done["recalls checked"] + 1
        check_conserved()
        _ran.append(len(BEGIN) + len(deeds))
    finally:
        transaction.savepoint_rollback(place)


@pytest.mark.django_db
def test_packs_are_conserved_whatever_people_do(world: SterileWorld) -> None:
    """After every sequence each pack is in exactly one account, the one its row says; every recall found what it had to."""
    _play(world)
    told = ", ".join(f"{name} {n}" for name, n in sorted(_done.items()))
    print(f"\n{len(_ran)} sequences, {sum(_ran)} deeds: {told}")
    assert len(_ran) >= SEQUENCES and _done["recalls checked"] and _done["use"] and _done["undo"]
