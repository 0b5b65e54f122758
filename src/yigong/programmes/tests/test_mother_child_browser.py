"""A visit to a mother at home on a telephone, and her newborn's right after it, in a real Chromium; the options of a form stand inside the page."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from yigong.core import clock
from yigong.core.ui.tests.screens import PHONE, Sit, follow, look
from yigong.programmes.models import Due, Visit
from yigong.residents import api as residents

from .test_pages import signed_in
from .world import enrolled, make_world, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_mother_and_newborn_in_one_go(seat: Sit) -> None:
    """The mother's form with one tap for the ordinary findings, the newborn's beside it; a risk is told while typing, by the child's own form."""
    world = make_world()
    mother = world.person(28, name="沈秀兰")
    given = residents.NewResident(
        name="沈小宝", sex="1", birth_date=clock.today() - timedelta(days=6), managing_institution_id=world.village.id, village="李庄村", mother_id=mother,
    )  # fmt: skip
    infant = residents.register_resident(given=given, actor=world.doctor).resident.id
    lmp, born = clock.today() - timedelta(days=284), clock.today() - timedelta(days=6)
    hers = enrolled(
        world,
        "pregnancy",
        resident_id=mother,
        on=lmp + timedelta(weeks=8),
        answers={"lmp": str(lmp), "gravida": "1", "para": "0"},
    )
    visit(
        world,
        hers,
        "delivery",
        delivered_on=str(born),
        discharged_on=str(born + timedelta(days=2)),
        delivery_way="1",
        babies=1,
    )
    enrolled(world, "child", resident_id=infant, on=clock.today())

    doctor = seat(signed_in(world.doctor), PHONE)
    page = doctor.open(f"/programmes/due/{Due.objects.get(enrolment_id=hers.id, stage='postpartum').id}/")
    _choose(page, way="2", mind_state="1", category="1", guidance_given="4", referral="1")
    _type(page, temperature="36.7", sbp="118", dbp="74")
    page.get_by_role("button", name="其余未见异常").first.click()
    expect(page.locator("[name=lochia][value='1']")).to_be_checked()
    look(page, "postpartum")
    inside = page.locator("[name=lochia]").first.bounding_box()
    assert inside and inside["x"] >= 12, "an option's circle stands outside the card"
    follow(page.get_by_role("button", name="保存随访"))
    expect(page.locator("main")).to_contain_text("产后未见异常")
    look(page, "postpartum-done")
    follow(page.locator(".p-due-row", has_text="沈小宝").get_by_role("link", name="登记"))

    expect(page.locator("[name=mother_name]")).to_have_value("沈秀兰")
    expect(page.locator("[name=hearing_again]").first).to_be_hidden()
    _choose(
        page,
        way="2",
        pregnancy_illness="1",
        birth_way="1",
        asphyxia="1",
        deformity="1",
        hearing_screen="2",
        disease_screen="2",
        feeding="1",
        stool="1",
    )
    expect(page.locator("[name=hearing_again]").first).to_be_visible()
    _type(page, gestation="35", birth_weight="2.3", weight="2.4", length="46", temperature="36.8")
    for button in page.get_by_role("button", name="其余未见异常").all():
        button.click()
    _choose(page, cord="2", referral="1", child_guidance="1")
    expect(page.locator("#p-judged")).to_contain_text("高危儿，满月前加访")
    look(page, "newborn")
    follow(page.get_by_role("button", name="保存随访"))
    expect(page.locator("main")).to_contain_text("低出生体重")
    expect(page.locator("main")).not_to_contain_text("这家今天还可以登记")
    assert set(Visit.objects.values_list("stage", "way")) == {("delivery", "1"), ("postpartum", "2"), ("newborn", "2")}


def _choose(page: Page, **answers: str) -> None:
    for name, value in answers.items():
        page.locator(f"[name={name}][value='{value}']").check()


def _type(page: Page, **answers: str) -> None:
    for name, value in answers.items():
        page.locator(f"[name={name}]").fill(value)
