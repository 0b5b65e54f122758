"""A pack from return to use and back, and everything that must stop it on the way."""

from datetime import timedelta

import pytest

from yigong.centres.sterile.commands import (
    loading,
    monitoring,
    processing,
    registering,
    shortages,
    supplying,
    undoing,
    using,
)
from yigong.centres.sterile.data import Context
from yigong.centres.sterile.models import Load, Pack, Round, Scan, Shortage, SupplyRequest
from yigong.centres.sterile.tests.world import SterileWorld
from yigong.core import clock
from yigong.core.errors import DomainError, Forbidden, InvalidInput
from yigong.core.ledger.models import Entry, LedgerAccount
from yigong.core.states.clocks import sweep
from yigong.logistics import api as logistics
from yigong.logistics.events import ConsignmentFailed
from yigong.tasks.models import Task


def where(label_pack: Pack) -> list[tuple[str, int]]:
    """What the ledger says about one pack: (kind of account, units), without empty ones."""
    sums: dict[str, int] = {}
    for entry in Entry.objects.filter(posting__about=label_pack.pk).select_related("account"):
        key = f"{entry.account.kind}@{entry.account.owner_id}"
        sums[key] = sums.get(key, 0) + entry.amount
    return sorted((key, n) for key, n in sums.items() if n)


def test_the_whole_journey_is_written_down(world: SterileWorld) -> None:
    """Every step has its person, second person, machine, load and time; the ledger holds one unit in one place."""
    (label,) = world.received(world.stored())
    world.use(label)
    processing.collect(code=label, actor=world.technician, context=Context(second="王司机"))
    pack = Pack.objects.get()
    first = Round.objects.get(label=label)
    steps = list(first.scans.order_by("at", "id").values_list("action", flat=True))
    assert steps == [
        "register",
        "sort",
        "clean",
        "disinfect",
        "inspect",
        "pack",
        "load",
        "store",
        "issue",
        "receive",
        "use",
    ]
    by_step = {scan.action: scan for scan in first.scans.all()}
    assert by_step["pack"].second == "核对人" and by_step["load"].load.machine == world.steriliser
    assert by_step["clean"].load.machine == world.washer and by_step["use"].actor_name == "钱护士"
    assert (first.resident_id, first.encounter_id) == (world.resident_id, world.encounter_id)
    assert first.price == 600 and first.expires_on == clock.today() + timedelta(days=180)
    assert pack.round.number == 2 and pack.state == "returned" and pack.holder_id == world.county
    assert where(pack) == [(f"sterile.registered@{world.county}", -1), (f"sterile.returned@{world.county}", 1)]


def test_codes_are_read_as_a_scanner_sends_them(world: SterileWorld) -> None:
    """Full-width, blanks and small letters are one code; a label of an earlier round and an unknown one are refused."""
    (pack,) = world.packs()
    odd = " " + "".join(chr(ord(c) + 0xFEE0) for c in pack.label.lower()) + " "
    assert processing.sort(code=odd, actor=world.technician).pack.state == "sorted"
    with pytest.raises(DomainError, match="没有编码"):
        processing.sort(code="BB999999", actor=world.technician)
    world.packs()
    (label,) = world.received(world.stored())
    world.use(label)
    processing.collect(code=label, actor=world.technician)
    with pytest.raises(DomainError, match="旧标签"):
        processing.sort(code=label, actor=world.technician)


def test_a_step_scanned_twice_says_who_was_first(world: SterileWorld) -> None:
    """The second scan is refused with name and time; nothing is booked."""
    (pack,) = world.packs()
    processing.sort(code=pack.label, actor=world.technician)
    with pytest.raises(DomainError, match="孙消毒 已于"):
        processing.sort(code=pack.label, actor=world.second)
    assert Scan.objects.filter(action="sort").count() == 1


def test_only_the_centre_processes(world: SterileWorld) -> None:
    """A township nurse may not clean, a technician may not use."""
    (pack,) = world.packs()
    with pytest.raises(Forbidden):
        processing.sort(code=pack.label, actor=world.nurse)
    (label,) = world.received(world.stored())
    with pytest.raises(DomainError):
        using.use_pack(code=label, encounter_id=world.encounter_id, actor=world.technician)


def test_washing_apart(world: SterileWorld) -> None:
    """After a special infection a pack is not washed with others; a failed wash sends all back."""
    one, other = (pack.label for pack in world.packs(2))
    Round.objects.filter(label=one).update(infection="prion")
    load = loading.open_load(machine_id=world.washer.pk, programme="wash", actor=world.technician)
    for label in (one, other):
        processing.sort(code=label, actor=world.technician)
    processing.clean(code=one, actor=world.technician, context=Context(load_id=load.pk))
    with pytest.raises(DomainError, match="单独清洗"):
        processing.clean(code=other, actor=world.technician, context=Context(load_id=load.pk))
    loading.start_load(load_id=load.pk, actor=world.technician)
    loading.finish_load(load_id=load.pk, a0=200, actor=world.technician)
    with pytest.raises(DomainError, match="物理监测不合格"):
        loading.release_load(load_id=load.pk, actor=world.technician)
    assert loading.reject_load(load_id=load.pk, reason="A0 不足", actor=world.technician) == 1
    assert world.pack(one).state == "sorted"


def test_two_people_pack_and_a_shortage_holds(world: SterileWorld) -> None:
    """The packer cannot check; an open shortage needs settling or a reason; the institution and the clock are asked."""
    (label,) = world.received(world.stored())
    world.use(label)
    back = processing.collect(
        code=label, actor=world.technician, context=Context(second="王司机", counted={"JD-W14": 0, "WP-100": 1})
    )
    assert "组织剪 14cm 0/1" in back.warning
    row = Shortage.objects.get()
    assert (
        row.institution_id == world.township
        and Task.objects.filter(kind="sterile.shortage", institution_id=world.township).exists()
    )
    new = back.pack.label
    world.washed([new])
    processing.inspect(code=new, actor=world.technician)
    with pytest.raises(InvalidInput) as alone:
        processing.assemble(code=new, actor=world.technician, context=Context(second="孙消毒"))
    assert "second" in alone.value.errors
    with pytest.raises(InvalidInput) as lacking:
        processing.assemble(code=new, actor=world.technician, context=Context(second="吴消毒"))
    assert "组织剪" in lacking.value.errors["reason"]
    with clock.travel(timedelta(hours=11)):
        sweep()
    assert Task.objects.filter(institution_id=world.county, title__contains="逾期未处理").exists()
    shortages.settle_shortage(
        shortage_id=row.pk, disposition="paid", note="卫生院赔付", amount=4500, actor=world.technician
    )
    assert (
        processing.assemble(code=new, actor=world.technician, context=Context(second="吴消毒")).pack.state == "packed"
    )


def test_release_needs_its_results(world: SterileWorld) -> None:
    """No Bowie-Dick, no start; bad physical values or a missing chemical result, no release; a wet pack goes back alone."""
    labels = world.prepared([pack.label for pack in world.packs(2)])
    load = world.filled(labels)
    with pytest.raises(InvalidInput, match="B-D"):
        loading.start_load(load_id=load.pk, actor=world.technician)
    world.bowie_dick(world.steriliser)
    loading.start_load(load_id=load.pk, actor=world.technician)
    loading.finish_load(load_id=load.pk, actor=world.technician, temperature=134.0, minutes=4.5, pressure=205.0)
    with pytest.raises(DomainError, match="缺少化学监测"):
        loading.release_load(load_id=load.pk, actor=world.technician)
    monitoring.record_result(load_id=load.pk, kind="chemical", good=True, actor=world.technician)
    processing.reject(code=labels[0], reason="湿包", actor=world.technician)
    assert loading.release_load(load_id=load.pk, actor=world.technician) == 1
    assert [world.pack(label).state for label in labels] == ["sorted", "stored"]
    bad = world.cycled(world.prepared([world.packs()[0].label]), temperature=129.0)
    with pytest.raises(DomainError, match="物理监测不合格"):
        loading.release_load(load_id=bad.pk, actor=world.technician)
    assert loading.reject_load(load_id=bad.pk, reason="温度不足", actor=world.technician) == 1


def test_implants_wait_for_the_biological_result(world: SterileWorld) -> None:
    """Not released before; early with a reason and a to-do; the good result then releases the load by itself."""
    labels = world.prepared([world.packs(1, "GKZRW")[0].label])
    load = world.cycled(labels)
    assert load.waits_biological
    with pytest.raises(DomainError, match="缺少生物监测"):
        loading.release_load(load_id=load.pk, actor=world.technician)
    with pytest.raises(DomainError):
        loading.release_early(load_id=load.pk, reason="", actor=world.technician)
    loading.release_early(load_id=load.pk, reason="车祸急诊手术，无替代器械", actor=world.technician)
    assert (
        world.pack(labels[0]).state == "stored"
        and Task.objects.filter(kind="sterile.biological", state="open").count() == 1
    )
    with pytest.raises(DomainError, match="缺少生物监测"):
        loading.release_load(load_id=load.pk, actor=world.technician)
    with clock.travel(timedelta(hours=49)):
        sweep()
    assert Task.objects.filter(kind="sterile.biological", role="quality_manager").exists()
    monitoring.record_result(load_id=load.pk, kind="biological", good=True, actor=world.technician)
    assert Load.objects.get(pk=load.pk).state == "released"
    assert not Task.objects.filter(key=f"sterile.biological:{load.pk}", state="open").exists()


def test_outdated_packs_are_refused_and_swept(world: SterileWorld) -> None:
    """At issue, at receipt and at use; the clock then turns them into outdated ones, which come back for washing."""
    shelf, there = world.stored(2)
    world.received([there])
    with clock.travel(timedelta(days=181)):
        row = world.delivery()
        with pytest.raises(DomainError, match="已过期，不能发放"):
            supplying.issue(code=shelf, actor=world.technician, context=Context(delivery_id=row.pk))
        with pytest.raises(DomainError, match="已过期，不能使用"):
            world.use(there)
        sweep()
        assert {world.pack(one).state for one in (shelf, there)} == {"expired"}
        assert world.pack(there).holder_id == world.township
        assert processing.collect(code=there, actor=world.technician).pack.holder_id == world.county


def test_the_database_itself_refuses_an_outdated_use(world: SterileWorld) -> None:
    """Even a program that forgets to ask cannot write a use after the date, nor one without a patient."""
    from django.db import IntegrityError, transaction

    (label,) = world.received(world.stored())
    late = clock.today() + timedelta(days=400)
    for values in ({"used_on": late}, {"used_at": clock.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Round.objects.filter(label=label).update(**values)


def test_a_pack_belongs_where_it_was_sent(world: SterileWorld) -> None:
    """Another township cannot receive it, nor anybody before it left; own packs go to their owner only; first in, first out is pointed out."""
    (label,) = world.stored()
    row = world.delivery()
    supplying.issue(code=label, actor=world.technician, context=Context(delivery_id=row.pk))
    with pytest.raises(DomainError, match="还没有发车"):
        supplying.receive(code=label, actor=world.nurse)
    supplying.send_delivery(delivery_id=row.pk, courier="老陈", container="X-1", actor=world.technician)
    with pytest.raises(DomainError, match="不在您的机构"):
        supplying.receive(code=label, actor=world.other_nurse)
    supplying.receive(code=label, actor=world.nurse)
    own = world.packs(1, owner_id=world.other)[0].label
    loading.release_load(load_id=world.cycled(world.prepared([own])).pk, actor=world.technician)
    second = world.delivery()
    with pytest.raises(DomainError, match="专用包"):
        supplying.issue(code=own, actor=world.technician, context=Context(delivery_id=second.pk))
    (older,) = world.stored()
    Round.objects.filter(label=older).update(expires_on=clock.today() + timedelta(days=3))
    (newer,) = world.stored()
    assert older in supplying.issue(code=newer, actor=world.technician, context=Context(delivery_id=second.pk)).warning


def test_a_request_is_filled_and_ends(world: SterileWorld) -> None:
    """Asked for, issued, sent: what it lacks is counted; a set that was not asked for is refused."""
    asked = supplying.request_packs(quantities={"HYB-XZ": 2, "QCB": 0}, needed_on=clock.today(), actor=world.nurse)
    labels, (foreign,) = world.stored(2), world.stored(1, "QCB")
    row = world.delivery(request_id=asked.pk)
    with pytest.raises(DomainError, match="没有要"):
        supplying.issue(code=foreign, actor=world.technician, context=Context(delivery_id=row.pk))
    for label in labels:
        supplying.issue(code=label, actor=world.technician, context=Context(delivery_id=row.pk))
    assert supplying.lacking(asked) == {}
    supplying.send_delivery(delivery_id=row.pk, courier="老陈", container="X-1", actor=world.technician)
    asked.refresh_from_db()
    assert asked.state == "done"
    supplying.receive(code=labels[0], actor=world.nurse)
    assert supplying.report_missing(delivery_id=row.pk, note="箱内少一包", actor=world.nurse) == 1
    assert supplying.receive(code=labels[1], actor=world.nurse).pack.state == "received"  # it turned up later
    registering.set_aside(code=labels[1], action="lose", reason="运送途中遗失", actor=world.technician)
    assert world.pack(labels[1]).state == "lost"


def test_undo_goes_one_step_back(world: SterileWorld) -> None:
    """With a reason, by a counter-posting; not after the machine started, the car left or the time ran out."""
    (label,) = world.received(world.stored())
    world.use(label)
    with pytest.raises(InvalidInput, match="原因"):
        undoing.undo_last(code=label, reason=" ", actor=world.nurse)
    with pytest.raises(Forbidden):
        undoing.undo_last(code=label, reason="扫错", actor=world.other_nurse)
    undoing.undo_last(code=label, reason="扫错患者", actor=world.nurse)
    row = Round.objects.get(label=label)
    assert world.pack(label).state == "received" and row.used_at is None and row.resident_id is None
    world.use(label)
    processing.collect(code=label, actor=world.technician)
    pack = Pack.objects.get(rounds__label=label)
    undoing.undo_last(code=pack.number, reason="还没收到实物", actor=world.technician)
    again = world.pack(label)
    assert (again.state, again.holder_id) == ("used", world.township)
    assert [key for key, n in where(again) if n > 0] == [f"sterile.used@{world.township}"]
    with clock.travel(timedelta(hours=13)), pytest.raises(DomainError, match="已超过"):
        undoing.undo_last(code=label, reason="晚了", actor=world.nurse)
    load = world.filled(world.prepared([world.packs()[0].label]))
    world.bowie_dick(world.steriliser)
    loading.start_load(load_id=load.pk, actor=world.technician)
    with pytest.raises(DomainError, match="已经启动"):
        undoing.undo_last(code=load.rounds.get().label, reason="放错", actor=world.technician)


def test_accounts_never_hold_less_than_nothing(world: SterileWorld) -> None:
    """Only the source of registered packs is negative, by as many as there are packs."""
    world.received(world.stored(3))
    accounts = LedgerAccount.objects.filter(kind__startswith="sterile.")
    assert sum(one.balance for one in accounts) == 0
    assert {one.kind for one in accounts if one.balance < 0} == {"sterile.registered"}


def test_packs_lost_on_the_way_are_asked_for_again(world: SterileWorld) -> None:
    """Without a courier the box waits for the run. Lost, its packs are lost until found; broken, they are washed anew; as many are wanted urgently."""
    for how, state in (("lost", "lost"), ("damaged", "returned")):
        labels = world.stored(2)
        row = world.delivery()
        for label in labels:
            supplying.issue(code=label, actor=world.technician, context=Context(delivery_id=row.pk))
        sent = supplying.send_delivery(delivery_id=row.pk, container="X-1", actor=world.technician)
        assert logistics.consignment(sent.consignment_id).state == "waiting"
        tell = logistics.report_loss if how == "lost" else logistics.report_damage
        tell(consignment_id=sent.consignment_id, reason="箱体破裂", actor=world.technician)
        for _ in range(2):
            supplying.delivery_failed(ConsignmentFailed(sent.consignment_id, "clean", how, "箱体破裂"))
        assert {Pack.objects.get(rounds__label=label).state for label in labels} == {state}
        again = SupplyRequest.objects.latest("asked_at")
        assert again.urgent and again.institution_id == world.township and again.lines.get().quantity == 2
        row.refresh_from_db()
        assert row.state == "failed"
    assert SupplyRequest.objects.count() == 2


def test_used_packs_wait_for_the_run(world: SterileWorld) -> None:
    """One box waits, however often it is asked; the centre signs for it. With nothing to bring it is said."""
    with pytest.raises(InvalidInput, match="没有待回收"):
        supplying.send_back(actor=world.nurse)
    for label in world.received(world.stored(2)):
        world.use(label)
        box = supplying.send_back(actor=world.nurse)
    assert box.pieces_out == 2 and box.kind == "used" and box.state == "waiting"
    assert logistics.receive(consignment_id=box.id, actor=world.technician).state == "received"
