"""The front page of a health record as this room and the record fill it: marks worked out, protected ones only for who may see them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from yigong.core import clock
from yigong.core.packs import api as packs
from yigong.programmes import api
from yigong.programmes.models import Enrolment
from yigong.programmes.rules.packs import programmes
from yigong.records import api as records
from yigong.records.frontpage import FRONT, front_page
from yigong.residents import api as residents

from .test_pages import signed_in
from .world import World, enrolled, visit

pytestmark = pytest.mark.django_db


def marks(person: Any, actor: Any) -> dict[str, list[str]]:
    """The titles of the marks by group."""
    page = front_page(residents.identity(person), actor=actor)
    return {group: [m.title for m in found] for group, found in page.marks}


def test_every_group_is_shown_and_none_is_typed(world: World) -> None:
    """Somebody of 40 of whom nothing is known: six groups, no mark; nothing on the page takes an input."""
    person = world.person(40)
    found = marks(person, world.doctor)
    print(f"\n{len(found)} of {len(packs.current(FRONT, 'record-front-page').groups)} groups shown")
    assert list(found) == ["妇幼人群", "老年人群", "慢病或重点疾病", "法定传染病", "体重状况", "血型"] and not any(
        found.values()
    )
    page = signed_in(world.doctor).get(f"/records/{person}/front/").content.decode()
    own = page.split("个人健康标识", 1)[1].split("全部记录")[0]
    assert not any(tag in own for tag in ("<input", "<select", "<textarea", "<form"))


@pytest.mark.parametrize(
    ("kilograms", "title"),
    [
        ("47.3", "偏瘦"),
        ("47.4", "体重正常"),
        ("61.4", "体重正常"),
        ("61.5", "超重"),
        ("71.6", "超重"),
        ("71.7", "肥胖"),
    ],
)
def test_weight_on_both_sides_of_each_limit(world: World, kilograms: str, title: str) -> None:
    """160 cm: 18.5 is 47.36 kg, 24 is 61.44 kg, 28 is 71.68 kg."""
    person = world.person(50)
    _weighed(person, world, kilograms)
    assert marks(person, world.doctor)["体重状况"] == [title]


def test_an_old_weight_and_a_childs_say_nothing(world: World) -> None:
    """A weight of two years ago, and the grown-ups' limits for a child."""
    person, child = world.person(50), world.person(10)
    _weighed(person, world, "80", ago=730)
    _weighed(child, world, "80")
    assert not marks(person, world.doctor)["体重状况"] and not marks(child, world.doctor)["体重状况"]


@pytest.mark.parametrize(("age", "months", "group", "title"), [
    (65, None, "老年人群", "65岁及以上老年人"), (0, 83, "妇幼人群", "0–6岁儿童"), (64, None, "老年人群", ""), (0, 84, "妇幼人群", ""),
])  # fmt: skip
def test_age_on_both_sides(world: World, age: int, months: int | None, group: str, title: str) -> None:
    """64 and 65 years, 83 and 84 months."""
    found = marks(world.person(age, months=months), world.doctor)
    assert found[group] == ([title] if title else [])


def test_a_mark_opens_where_it_comes_from_and_goes_with_it(world: World) -> None:
    """A diagnosis, then a management; ended, the diagnosis is the ground again; a lasting diagnosis that is over leaves no mark."""
    person = world.person(58)
    wrote = records.add_condition(
        resident_id=person, text="高血压", code="I10.x00", is_lasting=True, actor=world.doctor
    )
    page = front_page(residents.identity(person), actor=world.doctor)
    (mark,) = dict(page.marks)["慢病或重点疾病"]
    assert mark.title == "高血压" and "高血压" in mark.basis and str(person) in mark.url
    row = enrolled(world, resident_id=person)
    (mark,) = dict(front_page(residents.identity(person), actor=world.doctor).marks)["慢病或重点疾病"]
    assert "起在管" in mark.basis and mark.url == f"/programmes/person/{person}/"
    assert signed_in(world.doctor).get(mark.url).status_code == 200
    api.end(enrolment_id=row.id, ending="wrong", reason="继发性高血压", actor=world.doctor)
    records.resolve_condition(condition_id=wrote.id, status="wrong", reason="误登", actor=world.doctor)
    assert marks(person, world.doctor)["慢病或重点疾病"] == []


def test_a_protected_management_shows_to_who_may_see_it(world: World) -> None:
    """The responsible doctor reads the mark, a colleague of the same clinic does not: neither on the page nor on paper."""
    person, today = world.person(40), clock.today()
    Enrolment.objects.create(
        resident_id=person, programme="mental_illness", definition=programmes()["mental_illness"].version, institution_id=world.village.id,
        staff_id=world.doctor.staff_id, restricted=True, started_on=today, state="active", state_since=clock.now(), version=1,
    )  # fmt: skip
    assert marks(person, world.doctor)["慢病或重点疾病"] == ["严重精神障碍"]
    assert marks(person, world.colleague)["慢病或重点疾病"] == []
    seen, kept = (
        signed_in(a).get(f"/records/{person}/front/").content.decode() for a in (world.doctor, world.colleague)
    )
    assert "严重精神障碍" in seen and "严重精神障碍" not in kept


def test_services_newest_first_and_paged(world: World) -> None:
    """Eighteen contacts: fifteen, then the rest as a fragment."""
    person = world.person(58)
    row, browser = enrolled(world, resident_id=person, on=clock.today() - timedelta(days=60)), signed_in(world.doctor)
    for n in range(18):
        visit(world, row, on=clock.today() - timedelta(days=n + 1))
    page = browser.get(f"/records/{person}/front/").content.decode()
    days = [part.split('"')[0][:10] for part in page.split('<time datetime="')[1:]]
    assert days == sorted(days, reverse=True) and len(days) == 15 and "hx-get" in page
    cursor = page.split("?before=", 1)[1].split('"')[0]
    rest = browser.get(f"/records/{person}/front/?before={cursor}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in rest and rest.count("<time") == 3


def test_the_form_of_basic_data_fills_the_page_and_the_papers(world: World) -> None:
    """Blood group from the form, the newest answers win; page, cover with the number and card print."""
    person, browser = world.person(70), signed_in(world.doctor)
    row = api.enrol(resident_id=person, programme="health_record", actor=world.doctor)
    visit(world, row, "creation", operation="2", **{"operations.0.what": "阑尾切除术", "operations.0.year": "1998"})
    follow = enrolled(world, resident_id=person, on=clock.today() - timedelta(days=30))
    for n in range(12):  # a second sheet of paper
        visit(world, follow, on=clock.today() - timedelta(days=n))
    page = browser.get(f"/records/{person}/front/").content.decode()
    assert "血型 B型" in page and "个人基本信息表" in page
    for sheet in ("page", "cover", "card"):
        printed = browser.get(f"/records/{person}/front/print/{sheet}/")
        assert printed["Content-Type"] == "application/pdf" and printed.content[:4] == b"%PDF"
    assert browser.get(f"/records/{person}/front/print/anything/").status_code == 404


def _weighed(person: Any, world: World, kilograms: str, ago: int = 0) -> None:
    at = clock.now() - timedelta(days=ago)
    signs = {"weight": Decimal(kilograms), "height": Decimal(160)}
    records.record_contact(
        resident_id=person, kind="outpatient", actor=world.doctor, occurred_at=at, complaint="测量", signs=signs, results=[], title="测量", code=""
    )  # fmt: skip
