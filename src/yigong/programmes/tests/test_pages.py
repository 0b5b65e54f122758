"""The pages at work, through the browser's requests."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from yigong.access import api as access
from yigong.access.models import Account
from yigong.core import clock
from yigong.programmes import api
from yigong.programmes.models import Candidate, Check, Due, Enrolment, Standing, Visit
from yigong.programmes.queries import standing
from yigong.programmes.rules.packs import programmes
from yigong.records import api as records

from .mother_child import BOOKING
from .world import ANSWERS, BOSS, World, enrolled, visit

pytestmark = pytest.mark.django_db


def signed_in(actor: Any) -> Client:
    """A browser of this person."""
    facts = {"username": f"p-{str(actor.staff_id)[-8:]}", "password": "Li-zhuang-2026", "must_change_password": False}
    account = access.create_account(staff_id=actor.staff_id, actor=BOSS, **facts)
    client = Client()
    client.force_login(Account.objects.get(pk=account.id))
    return client


def head(**more: Any) -> dict[str, Any]:
    """What stands above a visit form."""
    return {"on": clock.today().isoformat(), "way": "2"} | more


def test_from_the_list_to_the_result(world: World) -> None:
    """My people, the form with the grade while typing, the saved visit with the proposed referral, the sheet on paper."""
    row, browser = enrolled(world), signed_in(world.doctor)
    page = browser.get("/programmes/?due=open&text=").content.decode()
    assert f"/programmes/enrolment/{row.id}/visit/" in page
    due = Due.objects.get(enrolment_id=row.id, stage="followup")
    form = browser.get(f"/programmes/due/{due.id}/").content.decode()
    assert 'name="sbp"' in form and "hx-post" in form
    typed = head() | ANSWERS["hypertension"] | {"sbp": "186", "dbp": "112"}
    told = browser.post(f"/programmes/enrolment/{row.id}/judge/followup/", typed).content.decode()
    assert "危急情况，紧急转诊" in told and "临床目标未达到" in told
    saved = browser.post(f"/programmes/due/{due.id}/", typed, follow=True).content.decode()
    assert "危急情况，紧急转诊" in saved and "/referrals/new/?resident=" in saved
    sheet = browser.get(f"/programmes/visits/{Visit.objects.get().id}/print/")
    assert sheet["Content-Type"] == "application/pdf" and sheet.content[:4] == b"%PDF"
    assert "危急情况" in browser.get(f"/programmes/person/{row.resident_id}/").content.decode()


def test_a_refused_form_keeps_what_was_typed(world: World) -> None:
    """Impossible values name their limits; unlikely ones ask for the tick."""
    row, browser = enrolled(world), signed_in(world.doctor)
    address = f"/programmes/enrolment/{row.id}/visit/followup/"
    answer = browser.post(address, head() | ANSWERS["hypertension"] | {"sbp": "400"})
    assert (
        answer.status_code == 422
        and "50 到 300" in answer.content.decode()
        and 'value="400"' in answer.content.decode()
    )
    unlikely = head() | ANSWERS["hypertension"] | {"sbp": "226", "dbp": "118"}
    assert 'name="confirmed"' in browser.post(address, unlikely).content.decode() and not Visit.objects.exists()
    assert browser.post(address, unlikely | {"confirmed": "on"}).status_code == 302 and Visit.objects.count() == 1


def test_beside_an_encounter(world: World) -> None:
    """At most three things, on the visit page and the file; declined in one step."""
    person = world.person(70)
    for code in ("hypertension", "elderly"):
        enrolled(world, code, resident_id=person)
    browser = signed_in(world.doctor)
    page = browser.get(f"/records/{person}/visit/", follow=True).content.decode()
    assert "今天该做的" in page and page.count("现在办") == 3 and "另有 1 项" in page
    due = Due.objects.filter(enrolment__resident_id=person, stage="checkup").get()
    left = browser.post(
        f"/programmes/due/{due.id}/refuse/", {"reason": "已在县医院体检"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "今天该做的" in left and Due.objects.get(pk=due.id).state == "declined"


def test_candidates_page(world: World) -> None:
    """Found, taken in with one click."""
    person = world.person(60)
    records.add_condition(resident_id=person, code="I10", text="高血压", is_lasting=True, actor=world.doctor)
    api.find_candidates(code="hypertension", actor=world.doctor)
    browser, row = signed_in(world.doctor), Candidate.objects.get(programme="hypertension")
    assert "I10" in browser.get("/programmes/candidates/?programme=hypertension").content.decode()
    assert browser.post(f"/programmes/candidates/{row.id}/accept/").status_code == 302
    assert Enrolment.objects.get(resident_id=person).state == "active"


def test_steps_of_a_management(world: World) -> None:
    """Enrol, attempt, hold, end, reopen, each by its form."""
    person, browser = world.person(60), signed_in(world.doctor)
    answer = browser.post(
        f"/programmes/person/{person}/enrol/hypertension/",
        {"on": clock.today().isoformat(), "target_sbp": "130", "target_dbp": "80"},
    )
    assert answer.status_code == 302
    row = Enrolment.objects.get(resident_id=person)
    assert row.facts["target_sbp"] == 130
    at = f"/programmes/enrolment/{row.id}/"
    for action, values in (
        ("attempt", {"way": "3", "note": "电话无人接听"}), ("hold", {"track": "yearly", "reason": "骨折"}),
        ("end", {"ending": "refused", "on": clock.today().isoformat(), "reason": "本人不愿意"}), ("reopen", {"reason": "又同意了"}),
    ):  # fmt: skip
        assert browser.get(f"{at}{action}/").status_code == 200
        assert browser.post(f"{at}{action}/", values).status_code == 302, action
    assert Enrolment.objects.get(pk=row.id).state == "active"


def test_every_figure_opens_as_many_rows(world: World) -> None:
    """Numerators and denominators of every rate agree with the rows that they open."""
    for age, sbp in ((58, 130), (60, 150), (70, 160), (75, 140)):
        visit(world, enrolled(world, age=age), sbp=sbp)
    visit(world, enrolled(world, "diabetes", age=61), fpg="6.2")
    enrolled(world, "elderly", age=80)
    browser, looked, opened = signed_in(world.manager), 0, 0
    for p in programmes().values():
        for rate in p.rates:
            opened += 1
            total, *places = standing.figures(p, rate, clock.today().year, clock.today(), None)
            for figure in [total, *places]:
                for side, wanted in (("counted", figure.counts), ("all", figure.of)):
                    place = f"&place={figure.institution_id}" if figure.institution_id else ""
                    page = browser.get(f"/programmes/rates/{p.code}/{rate.code}/?side={side}{place}")
                    assert page.context is None or page.status_code == 200
                    found = page.content.decode()
                    looked += 1
                    assert (f"共 {wanted} 条" in found) if wanted else ("没有人" in found), (
                        p.code,
                        rate.code,
                        side,
                        wanted,
                    )
    print(
        f"\n{opened} of {sum(len(p.rates) for p in programmes().values())} rates open their rows, {looked} figures looked at"
    )
    assert looked > 20
    control = next(r for r in programmes()["hypertension"].rates if r.code == "control")
    total = standing.figures(programmes()["hypertension"], control, clock.today().year, clock.today(), None)[0]
    assert (total.counts, total.of) == (2, 4)
    elderly = programmes()["elderly"].rates[0]
    assert standing.figures(programmes()["elderly"], elderly, clock.today().year, clock.today(), None)[0].of == 3
    before = sorted(Standing.objects.values_list("programme", "rate", "enrolment_id", "counts"))
    api.recount(actor=BOSS, year=clock.today().year)
    assert sorted(Standing.objects.values_list("programme", "rate", "enrolment_id", "counts")) == before


def test_check_by_telephone(world: World) -> None:
    """Drawn once, answered once, and the screening page."""
    for age in (50, 60):
        visit(world, enrolled(world, age=age))
    browser = signed_in(world.manager)
    assert (
        browser.post(
            "/programmes/sample/", {"since": clock.today().isoformat(), "until": clock.today().isoformat()}
        ).status_code
        == 302
    )
    assert Check.objects.count() == 2
    assert api.draw_sample(since=clock.today(), until=clock.today(), actor=world.manager) == 0
    row = Check.objects.first()
    assert (
        browser.post(f"/programmes/sample/{row.id}/", {"outcome": "not", "note": "本人说没有来过"}).status_code == 302
    )
    assert "没有来过" in browser.get("/programmes/sample/?state=not").content.decode()
    assert browser.get("/programmes/screening/").status_code == 200


def test_definitions_can_be_read(world: World) -> None:
    """Each definition's page, its uncertain parts marked, and the preview."""
    browser = signed_in(world.gp)
    assert "高血压患者健康管理" in browser.get("/programmes/definitions/").content.decode()
    for code in programmes():
        page = browser.get(f"/programmes/definitions/{code}/")
        assert page.status_code == 200 and "<svg" in page.content.decode()
    assert "待核实" in browser.get("/programmes/definitions/copd/").content.decode()
    assert browser.get("/programmes/definitions/vaccination/effect/?version=2021.1").status_code == 200


def test_what_is_offered_fits_the_person(world: World) -> None:
    """Programmes for her age and sex by a tap; the others are folded away and say why."""
    girl = world.person(months=8)
    page = signed_in(world.doctor).get(f"/programmes/person/{girl}/").content.decode()
    offered, folded = page.split("年龄或性别不符的")
    assert all(f"/enrol/{code}/" in offered for code in ("child", "vaccination"))
    assert all(f"/enrol/{code}/" not in offered and f"/enrol/{code}/" in folded for code in ("hypertension", "elderly"))
    assert "未满 35 岁" in folded


def test_five_colours(world: World) -> None:
    """A pregnancy of higher risk is orange, one with an infection purple besides."""
    woman = world.person(30, sex="2")
    lmp = clock.today() - timedelta(weeks=13)
    facts = {"lmp": lmp.isoformat(), "gravida": "1", "para": "0"}
    row = enrolled(world, "pregnancy", resident_id=woman, on=lmp + timedelta(weeks=8), answers=facts)
    visit(
        world,
        row,
        "booking",
        **BOOKING | {"sbp": "142", "dbp": "90", "hbsag": "2", "colour": "orange", "infectious": "2"},
    )
    page = signed_in(world.gp).get(f"/programmes/person/{woman}/").content.decode()
    assert 'y-badge is-orange">橙' in page and 'y-badge is-purple">紫' in page
    assert 'y-badge is-orange">橙' in signed_in(world.manager).get("/programmes/?programme=pregnancy").content.decode()
