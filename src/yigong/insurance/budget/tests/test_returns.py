"""Late returns from outside: errors by line, trial run, no duplicates, undo, and the same end whatever the order."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from yigong.core.testing import race
from yigong.insurance.budget import api, errors
from yigong.insurance.budget.models import FundFact, FundMonth, ReturnBatch
from yigong.insurance.budget.rules.returns import HEADS
from yigong.insurance.budget.tests.world import SCHEME, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Any:
    """The county."""
    return make_world()


def line(ref: str, revision: int = 1, pool: str = "600", **more: str) -> dict[str, str]:
    """A line of 1,000 yuan."""
    rest = f"{1000 - float(pool):.2f}"
    return {
        "结算编号": ref, "版次": str(revision), "证件号码": "", "险种": "城乡居民", "类别": "住院", "结算日期": "2025-03-05", "医院": "省人民医院",
        "医院级别": "3", "备案": "是", "总费用": "1000", "自费": "0", "超限价": "0", "先行自付": "0", "统筹基金": pool, "其他基金": "0",
        "个人负担": rest, "定案": "否",
    } | more  # fmt: skip


def table(*lines: dict[str, str], encoding: str = "utf-8-sig") -> bytes:
    """The lines as a file."""
    rows = [",".join(HEADS), *(",".join(one[head] for head in HEADS) for one in lines)]
    return ("\r\n".join(rows) + "\r\n").encode(encoding)


def checked(world: Any, *lines: dict[str, str]) -> ReturnBatch:
    """A trial run."""
    return ReturnBatch.objects.get(pk=api.check_returns(name="回流.csv", content=table(*lines), actor=world.clerk))


def standing() -> tuple[int, int, int]:
    """(count, fund, provisional fund) of the sums."""
    told = FundMonth.objects.filter(scheme=SCHEME).aggregate(n=Sum("cases", default=0), pool=Sum("pool", default=0))
    open_ = FundMonth.objects.filter(provisional=True).aggregate(pool=Sum("pool", default=0))["pool"]
    return told["n"], told["pool"], open_


def test_errors_are_named_by_line_and_nothing_is_booked(world: Any) -> None:
    """What is wrong where, in words; a file with faults cannot be taken in."""
    batch = checked(
        world, line("A"), line("A"), line("B", pool="1e3"), line("C", 险种="商业"), line("D", 结算日期="2199-01-01"), line("E", 个人负担="1"),
        line("F", 版次="0"), line("G", 备案="也许", 类别="美容"),
    )  # fmt: skip
    told = [f"{place} {text}" for place, text in batch.faults]
    for said in (
        "3 结算编号与第 2 行重复",
        "4 统筹基金“1e3”",
        "5 险种“商业”",
        "6 结算日期“2199-01-01”",
        "7 统筹基金、其他基金、个人负担之和",
        "8 版次",
        "9 备案",
        "9 类别“美容”",
    ):
        assert any(text.startswith(said) for text in told), (said, told)
    with pytest.raises(errors.HasFaults):
        api.take_returns(batch_id=batch.id, actor=world.clerk)
    assert not FundFact.objects.exists()


@pytest.mark.parametrize("content", [b"\x00\x01", b"a,b\r\n1,2\r\n", table()])
def test_what_is_no_table_is_refused(world: Any, content: bytes) -> None:
    """With a sentence."""
    with pytest.raises(errors.FileUnreadable):
        api.check_returns(name="x.csv", content=content, actor=world.clerk)


def test_trial_taken_again_and_undone(world: Any) -> None:
    """The trial books nothing; the same file is refused; the same lines in another file change nothing; undo takes everything back."""
    batch = checked(world, line("A"), line("B"))
    assert standing() == (0, 0, 0)
    assert api.take_returns(batch_id=batch.id, actor=world.clerk) == 2
    assert standing() == (2, 120_000, 120_000)
    with pytest.raises(errors.FileKnown):
        checked(world, line("A"), line("B"))
    again = checked(world, line("B"), line("A"), line("C"))
    assert api.take_returns(batch_id=again.id, actor=world.clerk) == 1
    assert standing() == (3, 180_000, 180_000)
    api.undo_returns(batch_id=batch.id, reason="导错了文件", actor=world.clerk)
    assert standing() == (1, 60_000, 60_000)
    api.undo_returns(batch_id=again.id, reason="导错了文件", actor=world.clerk)
    assert standing() == (0, 0, 0)
    assert FundFact.objects.count() == 6
    fresh = checked(world, line("A"), line("B"))
    assert api.take_returns(batch_id=fresh.id, actor=world.clerk) == 2


def test_a_later_revision_makes_it_final_also_after_the_month_is_closed(world: Any) -> None:
    """The provisional fact is taken back and the final one booked; closed months keep their sums, the difference is in an open one."""
    api.take_returns(batch_id=checked(world, line("A")).id, actor=world.clerk)
    booked = FundFact.objects.get().booked
    from yigong.insurance.budget.models import BudgetMonth

    BudgetMonth.objects.create(region="990100", scheme=SCHEME, month=booked, closed_by="x")
    api.take_returns(batch_id=checked(world, line("A", 2, "550", 定案="是")).id, actor=world.clerk)
    assert standing() == (1, 55_000, 0)
    assert FundMonth.objects.filter(booked=booked).aggregate(s=Sum("pool"))["s"] == 60_000
    assert FundMonth.objects.filter(booked__gt=booked).aggregate(s=Sum("pool"))["s"] == -5_000
    clash = checked(world, line("A", 2, "500"))
    assert "更正请提高版次" in clash.faults[0][1]


def test_any_order_of_late_returns_gives_the_same(world: Any) -> None:
    """Four files with revisions of three settlements, one of them undone: all 24 orders end alike."""
    files = [
        [line("A"), line("B", 1, "100"), line("C")], [line("A", 2, "700"), line("B", 3, "300", 定案="是")],
        [line("A", 3, "650", 定案="是"), line("B", 2, "200")], [line("C", 2, "10")],
    ]  # fmt: skip
    ends, seen, undone = set(), 0, world.county
    for order in permutations(range(4)):
        with transaction.atomic():
            for place in order:
                batch = checked(world, *files[place])
                api.take_returns(batch_id=batch.id, actor=world.clerk)
                undone = batch.id if place == 3 else undone
            api.undo_returns(batch_id=undone, reason="试", actor=world.clerk)
            ends.add(standing())
            transaction.set_rollback(True)
        seen += 1
    print(f"\n{seen} orders of 4 files, {len(ends)} end")
    assert ends == {(3, 65_000 + 30_000 + 60_000, 60_000)} and seen == 24


def test_people_are_matched_by_number_and_the_number_is_not_kept(world: Any) -> None:
    """The line keeps the person's key."""
    from yigong.residents.api import GivenNumber, NewResident, register_resident
    from yigong.residents.tests.factories import make_actor as anybody

    number = "149921199003070014"
    made = register_resident(
        given=NewResident(name="李秀英", sex="1", birth_date=date(1990, 3, 7), numbers=(GivenNumber("01", number),)), actor=anybody("all"),
    )  # fmt: skip
    batch = checked(world, line("A", 证件号码=number))
    row = batch.lines.get()
    assert row.figures["resident_id"] == str(made.resident.id if hasattr(made, "resident") else made.id)
    assert number not in str(row.figures)


@pytest.mark.race("budget.check_returns")
@pytest.mark.race("budget.take_returns")
@pytest.mark.race("budget.undo_returns")
@pytest.mark.django_db(transaction=True)
def test_two_clerks_with_one_file() -> None:
    """Checked once, taken once, undone once: the other is refused and the sums are those of one."""
    world = make_world()
    done = race(*[lambda: api.check_returns(name="a.csv", content=table(line("A"), line("B")), actor=world.clerk)] * 2)
    (key,) = [one for one in done if not isinstance(one, Exception)]
    assert "FileKnown" in {type(one).__name__ for one in done}
    done = race(*[lambda: api.take_returns(batch_id=key, actor=world.clerk)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["WrongState", "int"]
    assert standing() == (2, 120_000, 120_000)
    done = race(*[lambda: api.undo_returns(batch_id=key, reason="错", actor=world.clerk)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "WrongState"]
    assert standing() == (0, 0, 0)
