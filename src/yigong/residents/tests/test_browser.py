"""The index of people in a real Chromium: a duplicate found at the counter, compared, reviewed at the desk, merged, undone; a group."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import expect

from yigong.access.tests.factories import make_person
from yigong.core.ui.tests.screens import DESK, PHONE, Seat, Sit, follow
from yigong.residents import api
from yigong.residents.models import CandidatePair, Resident
from yigong.residents.tests.factories import make_actor, make_resident, register

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def register_at_the_counter(clerk: Seat) -> None:
    """The clerk types somebody who is known, is warned while typing and again when sending, compares and goes on all the same."""
    page = clerk.open("/residents/new/")
    page.locator("#id_name").fill("王晓红")
    page.locator("#id_birth_date").fill("1960-05-04")
    page.get_by_label("女", exact=True).check()
    page.locator("#id_phone").fill("13800000001")
    page.locator("#id_township").fill("石桥镇")
    page.locator("#id_village").fill("柳树村")
    expect(page.locator("#near .r-match")).to_have_count(1)
    expect(page.locator("#near")).to_contain_text("同音不同字")
    clerk.shoot("counter-typing", PHONE, DESK, slack=2)
    page.locator("#register .btn-primary").last.click()
    compared = page.get_by_label("请比对", exact=True)
    expect(compared).to_contain_text("同一人概率")
    clerk.shoot("counter-compared", PHONE, DESK, slack=2)
    compared.locator("input[name=confirmed]").check()
    page.locator("#register .y-actions .btn-primary, #register button[type=submit]").last.click()
    expect(page.locator("body")).to_contain_text("已为“王晓红”建档")


def test_a_duplicate_from_the_counter_to_the_undo(seat: Sit) -> None:
    """Warned with a comparison at creation, reviewed at the desk, merged, undone, a question again."""
    known = make_resident(
        make_actor(), "王小红", birth_date=date(1960, 5, 4), phone="13800000001", township="石桥镇", village="柳树村"
    )
    clerk = seat(make_person("registrar"))
    register_at_the_counter(clerk)
    other = Resident.objects.exclude(pk=known.id).get()
    keeper = seat(make_person("identity_manager"))
    page = keeper.open("/residents/desk/")
    keeper.shoot("desk", PHONE, DESK, slack=2)
    page.get_by_role("link", name="比对", exact=True).click()
    expect(page.locator(".r-bars")).to_contain_text("起点")
    keeper.shoot("pair", PHONE, DESK, slack=2)
    page.get_by_label("同一人", exact=True).check()
    page.locator("#id_reason").fill("电话核实")
    page.get_by_role("button", name="判定并看下一对").click()
    page.wait_for_url("**/residents/desk/")
    assert len({api.identity(known.id).id, api.identity(other.id).id}) == 1
    keeper.open(f"/residents/desk/{CandidatePair.objects.get().id}/")
    page.get_by_role("link", name="查看或撤销合并").click()
    page.locator("#id_reason").fill("核对后是姐妹两人")
    keeper.shoot("undo", PHONE, DESK, slack=2)
    follow(page.get_by_role("button", name="撤销合并"))
    expect(page.locator("body")).to_contain_text("撤销")
    assert len({api.identity(known.id).id, api.identity(other.id).id}) == 2
    assert CandidatePair.objects.get().state == "open"


def test_a_group_and_the_statistics(seat: Sit) -> None:
    """Three files decided at once, what decisions say, the proposal."""
    found: list[Any] = []
    for name in ("王小红", "王晓红", "王筱红"):
        facts = {"phone": "13800000001", "township": "石桥镇", "village": "柳树村"}
        found.append(register(make_actor(), name, confirmed=[r.id for r in found], **facts).resident)
    person = make_person("identity_manager")
    keeper = seat(person)
    page = keeper.open("/residents/desk/")
    page.get_by_role("link", name="整组判定").click()
    page.locator("#id_reason").fill("逐一电话核实")
    keeper.shoot("group", PHONE, DESK, slack=2)
    page.get_by_role("button", name="整组判定").click()
    page.wait_for_url("**/residents/desk/")
    assert len({api.identity(r.id).id for r in found}) == 1
    keeper.open("/residents/desk/statistics/")
    expect(page.locator("#bands canvas")).to_be_visible()
    keeper.shoot("statistics", PHONE, DESK, slack=2)
    page.get_by_role("link", name="据此修订权重").click()
    expect(page.locator("body")).to_contain_text("同音不同字")
    keeper.shoot("estimates", PHONE, DESK, slack=2)
