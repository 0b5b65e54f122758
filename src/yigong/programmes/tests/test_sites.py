"""Places under watch and activities for the public: eight definitions, no code of their own."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.packs import api as packs
from yigong.core.testing import race
from yigong.programmes import api
from yigong.programmes.models import Site, SiteDue, SiteRecord
from yigong.programmes.queries import sites as queries
from yigong.programmes.rules import sites as rules
from yigong.tasks.models import Task

from .test_pages import signed_in
from .world import World, later, make_world

CODES = [
    "cold_chain",
    "environmental_health",
    "health_education",
    "health_inspection",
    "nutrition",
    "occupational_health",
    "radiation_health",
    "school_health",
]
CLEAN = {"topic": ["1"], "result": "1"}


def school(
    world: World, programme: str = "health_inspection", kind: str = "school", name: str = "东河小学", **more: Any
) -> Site:
    """A place of the village."""
    return api.add_site(programme=programme, kind=kind, name=name, actor=world.doctor, **more)


def patrol(world: World, site: Site, **answers: Any) -> SiteRecord:
    """A patrol of today."""
    on = answers.pop("on", None)
    return api.record_activity(
        programme="health_inspection", activity="patrol", site_id=site.id, answers=CLEAN | answers, actor=world.doctor, on=on
    )  # fmt: skip


def lecture(world: World, topic: str, **answers: Any) -> SiteRecord:
    """A lecture of the village."""
    given = {"topic": topic, "place": "村文化室", "audience": ["1"], "people": "26", "archive": ["5"]}
    return api.record_activity(
        programme="health_education", activity="lecture", answers=given | answers, actor=world.doctor
    )


def due_on(site: Site) -> Any:
    """When the place is due, each with an open task."""
    row = SiteDue.objects.get(site=site, state="open")
    assert Task.objects.filter(key=f"programmes/site/{row.id}", state="open").count() == 1
    return row.due_on, row.is_recheck


def test_definitions_need_no_code() -> None:
    """All eight hold together; no code names one of them or a code of theirs."""
    found = rules.definitions()
    assert sorted(found) == CODES
    assert all(not list(rules.problems(p)) for p in found.values())
    code = Path(rules.__file__).parents[1]
    texts = [f.read_text() for f in code.rglob("*.py") if "tests" not in f.parts]
    own = {c for c in CODES if c not in {"nutrition"}}
    named = {c for c in own for t in texts if f'"{c}"' in t}
    lines = {c: _lines("outreach", c) for c in CODES}
    print("\n" + "\n".join(f"{c}: {n} lines of definition, 0 of code" for c, n in lines.items()))
    assert not named and all(lines.values())


def _lines(folder: str, code: str) -> int:
    files = (packs.ROOT / "national" / folder).glob("*.toml")
    return sum(len(f.read_text().splitlines()) for f in files if f'\ncode = "{code}"' in "\n" + f.read_text())


@pytest.mark.parametrize(
    ("code", "answers", "finding"),
    [
        ("health_inspection", {"activity": "patrol", "result": "1"}, ""), ("health_inspection", {"activity": "patrol", "result": "2"}, "mended"),
        ("health_inspection", {"activity": "patrol", "result": "3"}, "rectify"), ("health_inspection", {"activity": "patrol", "result": "4"}, "illegal"),
        ("health_inspection", {"activity": "clue", "reported": "2"}, "waiting"), ("health_inspection", {"activity": "clue", "reported": "1"}, ""),
        ("health_education", {"activity": "lecture", "people": 0}, "nobody"), ("health_education", {"activity": "lecture", "people": 1}, ""),
        ("cold_chain", {"store": "1", "celsius": 2.0}, ""), ("cold_chain", {"store": "1", "celsius": 1.9}, "excursion"), ("cold_chain", {"store": "1", "celsius": 8.0}, ""),
        ("cold_chain", {"store": "1", "celsius": 8.1}, "excursion"), ("cold_chain", {"store": "2", "celsius": -15.0}, ""), ("cold_chain", {"store": "2", "celsius": -14.9}, "excursion"),
        ("school_health", {"pupils": 200, "absent": 10}, "sick"), ("school_health", {"pupils": 200, "absent": 9, "water": "2"}, "wrong"),
        ("school_health", {"pupils": 200, "absent": 9, "water": "1"}, ""),
        ("environmental_health", {"colonies": 100}, ""), ("environmental_health", {"colonies": 101}, "microbes"), ("environmental_health", {"ph": 6.5}, ""),
        ("environmental_health", {"ph": 6.4}, "exceeds"), ("environmental_health", {"ph": 8.5}, ""), ("environmental_health", {"ph": 8.6}, "exceeds"),
        ("environmental_health", {"turbidity": 1.0}, ""), ("environmental_health", {"turbidity": 1.1}, "exceeds"),
        ("environmental_health", {"point": "1", "chlorine": 0.3}, ""), ("environmental_health", {"point": "1", "chlorine": 0.2}, "exceeds"),
        ("environmental_health", {"point": "1", "chlorine": 2.1}, "exceeds"), ("environmental_health", {"point": "2", "chlorine": 0.05}, ""),
        ("environmental_health", {"point": "2", "chlorine": 0.04}, "exceeds"), ("environmental_health", {"coliform": "2", "ph": 6.0}, "microbes"),
        ("environmental_health", {"nitrate": 10.0}, ""), ("environmental_health", {"nitrate": 10.1}, "exceeds"),
        ("occupational_health", {"suspected": 1, "measured": "2"}, "suspected"), ("occupational_health", {"suspected": 0, "measured": "2"}, "exceeds"),
        ("occupational_health", {"suspected": 0, "examined": 4, "exposed": 5}, "lacking"), ("occupational_health", {"suspected": 0, "examined": 5, "exposed": 5}, ""),
        ("radiation_health", {"over": 1}, "over"), ("radiation_health", {"over": 0, "tested": "2"}, "failed"), ("radiation_health", {"badges": 3, "staff": 4}, "lacking"),
        ("radiation_health", {"badges": 4, "staff": 4}, ""), ("nutrition", {"people": 100, "stunted": 6, "wasted": 4, "overweight": 0}, "under"),
        ("nutrition", {"people": 100, "stunted": 5, "wasted": 4, "overweight": 19}, ""), ("nutrition", {"people": 100, "stunted": 5, "wasted": 4, "overweight": 20}, "over"),
    ],
)  # fmt: skip
def test_findings_on_both_sides(code: str, answers: dict[str, Any], finding: str) -> None:
    """Every limit from both sides; what was not measured makes nothing true."""
    found = rules.found_in(rules.definitions()[code], answers)
    assert (found.code if found else "") == finding


@pytest.mark.django_db
def test_a_patrol_and_its_recheck(world: World) -> None:
    """A new place is due within a month, after a patrol in a quarter, after a finding sooner; a record taken back brings the old day back."""
    today, site = clock.today(), school(world)
    assert due_on(site) == (today + timedelta(days=30), False)
    first = patrol(world, site)
    assert due_on(site) == (today + timedelta(days=90), False)
    with later(days=5):
        bad = patrol(world, site, result="3", problem="食堂无留样")
        assert bad.finding == "rectify" and due_on(site) == (today + timedelta(days=35), True)
        api.void_record(record_id=bad.id, reason="登记错单位", actor=world.doctor)
        assert due_on(site) == (today + timedelta(days=90), False)
    assert SiteRecord.objects.filter(void_reason="").count() == 1 and first.counted == []


@pytest.mark.django_db
def test_refusals_say_what_to_do(world: World) -> None:
    """Twice a day, the future, before the watch began, a missing problem, somebody else's place, a closed place."""
    site = school(world)
    patrol(world, site)
    for sentence, given in (
        ("已在这个单位登记过", {}),
        ("晚于今天", {"on": clock.today() + timedelta(days=1)}),
        ("早于纳入管理", {"on": clock.today() - timedelta(days=1)}),
    ):
        with pytest.raises((Conflict, InvalidInput)) as refused:
            patrol(world, site, **given)
        assert sentence in str(refused.value) + str(getattr(refused.value, "errors", ""))
    with pytest.raises(InvalidInput) as missing:
        patrol(world, school(world, name="西河小学"), result="3")
    assert "problem" in missing.value.errors
    with pytest.raises(InvalidInput):
        school(world)
    with pytest.raises(Forbidden):
        api.close_site(site_id=site.id, reason="撤并", actor=world.neighbour)
    api.close_site(site_id=site.id, reason="学校撤并", actor=world.doctor)
    assert (
        not SiteDue.objects.filter(site=site, state="open").exists()
        and not Task.objects.filter(state="open", kind="programmes.site", subject_id=site.id).exists()
    )
    with later(days=1), pytest.raises(Conflict):
        patrol(world, site)
    api.reopen_site(site_id=site.id, actor=world.doctor)
    assert due_on(site)[0] == clock.today() + timedelta(days=90)


@pytest.mark.django_db
def test_norms_and_reach(world: World) -> None:
    """Handing out paper is not counted as people reached; lectures count by number, material by kind; what nobody did is still listed."""
    lecture(world, "高血压防治", asked="20", asked_of="26")
    lecture(world, "合理用药")
    for title in ("折页一", "折页一", "折页二"):
        given = {"title": title, "medium": "1", "copies": "200"}
        api.record_activity(programme="health_education", activity="material", answers=given, actor=world.gp)
    p, year = rules.definitions()["health_education"], clock.today().year
    rows = {(r.norm.activity, r.name): r for r in queries.norms(p, None, year)}
    village, township = world.village.short_name, world.township.short_name
    assert (rows["lecture", village].done, rows["lecture", village].short) == (2, 4)
    assert rows["material", township].done == 2 and rows["consultation", township].done == 0
    assert queries.reach_of(p, None, year) == 52
    assert Counter({r.rate.code: (r.counts, r.of) for r in queries.rates(p, None, year)}) == {
        "asked": (1, 2),
        "understood": (1, 1),
    }


@pytest.mark.django_db
def test_every_rate_opens_its_rows(world: World) -> None:
    """Each rate of all eight definitions opens as many rows as it says."""
    for n in range(2):
        site = school(world, name=f"第{n}小学")
        patrol(world, site, **({"result": "2", "problem": "晨检记录不全"} if n else {}))
    clue = {
        "found_on": clock.today().isoformat(),
        "clue_kind": "1",
        "content": "聚餐后腹泻3人",
        "reported": "1",
        "reported_on": clock.today().isoformat(),
    }
    api.record_activity(programme="health_inspection", activity="clue", answers=clue, actor=world.doctor)
    lecture(world, "传染病防治")
    browser, looked, filled = signed_in(world.manager), 0, 0
    for code, p in rules.definitions().items():
        for row in queries.rates(p, None, clock.today().year):
            looked, filled = looked + 1, filled + bool(row.of)
            for side, wanted in (("counted", row.counts), ("all", row.of)):
                page = browser.get(
                    f"/programmes/outreach/{code}/rows/?rate={row.rate.code}&side={side}"
                ).content.decode()
                assert (f"共 {wanted} 条" in page) if wanted else ("没有" in page), (code, row.rate.code, side, wanted)
    total = sum(len(p.rates) for p in rules.definitions().values())
    print(f"\n{looked} of {total} rates of places and activities open their rows, {filled} with figures")
    assert looked == total and filled >= 4


@pytest.mark.django_db
def test_pages(world: World) -> None:
    """From the list to a new place, its patrol, the recheck, taking back, closing; figures and the definition."""
    browser, today = signed_in(world.doctor), clock.today().isoformat()
    given = {"kind": "food", "name": "河东小饭馆", "address": "李庄村1组", "since": today}
    page = browser.post("/programmes/sites/new/health_inspection/", given, follow=True).content.decode()
    assert "河东小饭馆" in page and "应查" in page
    again = browser.post("/programmes/sites/new/health_inspection/", given)
    assert again.status_code == 422 and "已登记过" in again.content.decode()
    site = Site.objects.get()
    at = f"/programmes/sites/{site.id}/"
    refused = browser.post(f"{at}record/patrol/", {"on": today, "topic": ["1"], "result": "3"})
    assert refused.status_code == 422
    done = browser.post(
        f"{at}record/patrol/", {"on": today, "topic": ["1"], "result": "3", "problem": "无健康证"}, follow=True
    ).content.decode()
    assert "限期整改" in done and "复查" in done
    row = SiteRecord.objects.get()
    assert "河东小饭馆" in browser.get("/programmes/sites/?of=health_inspection&text=河东").content.decode()
    assert (
        "作废"
        in browser.post(f"/programmes/activities/{row.id}/void/", {"reason": "重复"}, follow=True).content.decode()
    )
    assert browser.post(f"{at}close/", {"reason": "已歇业"}, follow=True).status_code == 200
    assert browser.post(f"{at}reopen/", follow=True).status_code == 200 and Site.objects.get().closed_on is None
    talk = {"on": today, "topic": "秋冬防流感", "place": "卫生室", "audience": ["2"], "people": "18", "archive": ["2"]}
    assert (
        "秋冬防流感"
        in browser.post("/programmes/activities/health_education/lecture/", talk, follow=True).content.decode()
    )
    assert "秋冬防流感" in browser.get("/programmes/sites/?of=health_education").content.decode()
    boss = signed_in(world.manager)
    assert "还差" in boss.get("/programmes/outreach/health_education/").content.decode()
    for code in CODES:
        assert boss.get(f"/programmes/outreach/{code}/definition/").status_code == 200
        assert browser.get(f"/programmes/sites/?of={code}").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("programmes.record_activity")
def test_two_record_the_same(transactional_db: None) -> None:
    """A double click is one record; two people at one place on one day: one record, one refusal."""
    world = make_world()
    site, key = school(world), uuid4()
    both: dict[str, Any] = {"programme": "health_inspection", "activity": "patrol", "answers": CLEAN}
    one, two = race(
        *[lambda: api.record_activity(**both, site_id=site.id, actor=world.doctor, idempotency_key=key)] * 2
    )
    assert one.id == two.id
    other = school(world, name="西河小学")
    outcomes = race(
        *[
            lambda a=actor: api.record_activity(**both, site_id=other.id, actor=a)
            for actor in (world.doctor, world.colleague)
        ]
    )
    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [Conflict]
    assert SiteRecord.objects.count() == 2 and SiteDue.objects.filter(state="open").count() == 2
