"""The one search box."""

from datetime import date

import pytest

from yigong.core.errors import Forbidden
from yigong.residents import api
from yigong.residents.tests.factories import make_actor, make_resident, register

pytestmark = pytest.mark.django_db
NUMBER = "530181196005040023"


@pytest.mark.parametrize(
    "typed",
    [
        "单小红", "小红", "红", "单 小", "shanxiaohong", "danxiaohong", "shanx", "sxh", "SXH", "dxh", "shan xiaohong",
        NUMBER, "530181600504002", "5301811960", "530181196005", "53018119600504002", "单小红 0023", "sxh 0023", "0023",
        "13800000001", "138 0000 0001", "53018110010100001", " 单小红 ", "红 5301811960",
    ],
)  # fmt: skip
def test_every_way_of_asking_finds_the_person(typed: str) -> None:
    """Name, part of it, readings, initials, number, prefix, tail, phone, health record number."""
    actor = make_actor()
    wanted = make_resident(actor, "单小红", number=NUMBER, phone="13800000001", archive_number="53018110010100001")
    make_resident(actor, "赵四", birth_date=date(1980, 1, 1), sex="1", number="530181198001010010")
    assert [r.id for r in api.search_residents(typed, actor=actor)] == [wanted.id]


@pytest.mark.parametrize(
    "typed", ["", " ", "钱", "530182", "5301811961", "99", "%", "_", "'", "\\", "530181999999", "x" * 5000]
)
def test_what_finds_nobody(typed: str) -> None:
    """Blanks, wildcards and wrong numbers find nobody and break nothing."""
    actor = make_actor()
    make_resident(actor, "单小红", number=NUMBER)
    assert api.search_residents(typed, actor=actor).total == 0


def test_my_own_people_come_first_and_totals_are_said() -> None:
    """Ranking by institution, then exact names; pages carry the total."""
    mine, other = make_actor(), make_actor()
    theirs = make_resident(other, "王小红")
    longer = make_resident(mine, "王小红梅", birth_date=date(1970, 1, 1))
    own = register(mine, "王小红", confirmed=[theirs.id]).resident
    page = api.search_residents("王小红", actor=mine, limit=2)
    assert [r.id for r in page] == [own.id, longer.id]
    assert (page.total, page.total_text, page.has_next) == (3, "3", True)
    assert [r.id for r in api.search_residents("王小红", actor=mine, limit=2, offset=2)] == [theirs.id]
    assert [r.is_mine for r in page] == [True, True]


def test_rows_are_masked_and_need_the_right() -> None:
    """Minimal identity only."""
    actor = make_actor()
    make_resident(actor, number=NUMBER, phone="13800000001")
    row = api.search_residents("王小红", actor=actor).items[0]
    assert NUMBER not in repr(row)
    assert "13800000001" not in repr(row)
    with pytest.raises(Forbidden):
        api.search_residents("王小红", actor=make_actor("director"))
