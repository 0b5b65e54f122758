"""The plans through their pages."""

import pytest
from django.test import Client

from yigong.access.api import create_account
from yigong.access.models import Account
from yigong.core.actor import system
from yigong.tasks.tests.factories import make_actor, make_institution

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Client:
    """A signed-in insurance officer."""
    actor = make_actor(make_institution(), role="insurance_clerk")
    made = create_account(
        staff_id=actor.staff_id,
        username="yibao-test",
        password="Liu-shu-cun-7",
        must_change_password=False,
        actor=system("tests"),
    )
    client = Client()
    client.force_login(Account.objects.get(pk=made.id))
    return client


def test_a_plan_can_be_read(officer: Client) -> None:
    """From the list to each plan: its numbers, its rules in words, and that they are a demonstration."""
    listed = officer.get("/benefits/").content.decode()
    assert listed.count("/benefits/resident-demo/") == 2
    assert "/benefits/employee-demo/2026.1/" in listed
    read = officer.get("/benefits/resident-demo/2026.1/").content.decode()
    for said in (
        "演示参数",
        "乡镇卫生院",
        "88%",
        "年度封顶线 160,000 元",
        "6,000–40,000：65%",
        "上转",
        "医共体济困减免",
    ):
        assert said in read, said
    assert "保底" not in officer.get("/benefits/employee-demo/2026.1/").content.decode()
    assert officer.get("/benefits/resident-demo/1999.1/").status_code == 404


def test_two_plans_answer_the_same_case(officer: Client) -> None:
    """12,000 in scope at the county hospital: (12,000 - 450) x 0.78 = 9,009 against (12,000 - 500) x 0.80 = 9,200; and a what-if."""
    case = {
        "one": "resident-demo/2026.1", "other": "resident-demo/2027.1", "kind": "inpatient", "level": "2", "in_scope": "12000",
        "identity": "", "place": "", "disease": "", "admission": "1",
    }  # fmt: skip
    shown = officer.get("/benefits/compare/", case).content.decode()
    for said in ("9009.00", "9200.00", "+191.00", "-191.00", "可报费用 11550.00 元 × 78% = 9009.00 元。"):
        assert said in shown, said
    tried = officer.get("/benefits/compare/", case | {"new_deductible": "0", "new_ratio": "90"}).content.decode()
    assert "10800.00" in tried
    assert "（试改）" in tried


def test_what_a_plan_does_not_know_is_said(officer: Client) -> None:
    """An employee plan has no category for the poor and no two-disease benefit: the answer says so, the other side is still there."""
    case = {
        "one": "resident-demo/2026.1", "other": "employee-demo/2026.1", "kind": "two-diseases", "level": "1", "in_scope": "100",
        "identity": "dibao", "place": "", "disease": "I10", "admission": "1",
    }  # fmt: skip
    shown = officer.get("/benefits/compare/", case).content.decode()
    assert "待遇方案没有“two-diseases”这项待遇" in shown
    assert "65.00" in shown
    bad = officer.get("/benefits/compare/", case | {"in_scope": "-5", "admission": "0"}).content.decode()
    assert "还不能提交" in bad
