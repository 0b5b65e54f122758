"""Quality sampling: drawn by a kept seed, scored by others, put right by a day; figures that open their rows."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.states.api import WrongState
from yigong.core.states.clocks import sweep
from yigong.orders import api as orders
from yigong.orders.commands.quality import AlreadyDrawn, ReadFirst
from yigong.orders.models import QualityRound, QualitySample
from yigong.orders.queries import quality_draw
from yigong.orders.rules import quality
from yigong.orders.rules.quality import Case, QualityPack
from yigong.orders.tests.world import World, browser_of, person
from yigong.tasks.models import Task

IMAGE, REPORT = "imaging-image", "imaging-report"
SPACE = UUID(int=7)


def signed_before(world: World) -> date:
    """A report that was signed in a month that has ended; gives a day in it."""
    order = world.submitted(repeat_reason_code="1")
    with clock.travel(timedelta(days=-40)):
        orders.sign_report(order_id=order.id, actor=world.reviewer)
        return clock.today()


@pytest.fixture
def manager(world: World) -> Actor:
    """The quality manager of the centre's house."""
    return person("质控员", world.county, "quality_manager")


@pytest.fixture
def judge(world: World) -> Actor:
    """A senior radiologist who had no hand in the reports."""
    return person("评审专家", world.county, "senior_radiologist")


def drawn(world: World, manager: Actor, code: str = IMAGE, reports: int = 1) -> QualityRound:
    """So many signed reports of a month, drawn."""
    days = {signed_before(world) for _n in range(reports)}
    return orders.draw_round(definition=code, period=days.pop(), actor=manager)


def scored(world: World, manager: Actor, judge: Actor, *defects: str) -> QualitySample:
    """A drawn image with these defects."""
    sample = drawn(world, manager).samples.get()
    return orders.score_sample(sample_id=sample.pk, typed={"defects": list(defects) or ["none"]}, actor=judge)


def cases(sizes: dict[str, int], people: int = 3) -> list[Case]:
    """So many reports of each institution, written in turn by so many people."""
    return [
        Case(
            uuid5(SPACE, f"{name}{n}"), uuid5(SPACE, f"o{name}{n}"), uuid5(SPACE, name), uuid5(SPACE, f"p{n % people}")
        )
        for name, size in sizes.items()
        for n in range(size)
    ]


def pack(**more: Any) -> QualityPack:
    """A definition with other numbers."""
    known = {f: getattr(quality.definitions()[IMAGE], f) for f in QualityPack.__struct_fields__}
    return QualityPack(**{**known, **more})


def test_every_institution_and_person_is_met() -> None:
    """The share of each, not fewer than its least; the same seed draws the same, another seed others; the most is cut evenly."""
    every, rule = (
        cases({"large": 200, "small": 3, "tiny": 1}),
        pack(percent=5, least_institution=2, least_person=5, most=60),
    )
    chosen = quality.draw(every, rule, "seed")
    by_place = Counter(case.institution_id for case in chosen)
    assert [by_place[uuid5(SPACE, name)] >= least for name, least in (("large", 10), ("small", 2), ("tiny", 1))] == [
        True
    ] * 3
    assert min(Counter(case.person_id for case in chosen).values()) >= 5
    assert quality.draw(list(reversed(every)), rule, "seed") == chosen != quality.draw(every, rule, "other")
    few = quality.draw(every, pack(percent=50, most=6), "seed")
    assert len(few) == 6 and set(Counter(case.institution_id for case in few).values()) == {1, 2, 3}


def test_points_grade_and_veto() -> None:
    """Defects take points off; one that fails by itself leaves the last grade."""
    rule = quality.definitions()[IMAGE]
    assert quality.score(rule, []) == quality.Score(100, "A", True)
    assert quality.score(rule, ["position", "exposure"]) == quality.Score(75, "B", True)
    assert quality.score(rule, ["identity"]) == quality.Score(60, "D", False)


@pytest.mark.django_db
def test_a_period_is_drawn_once_by_a_kept_seed(world: World, manager: Actor) -> None:
    """Not before it has ended, not twice, not where nothing was signed; the seed cannot be changed, and drawing again finds the same."""
    day = signed_before(world)
    with pytest.raises(InvalidInput, match="尚未结束"):
        orders.draw_round(definition=IMAGE, period=clock.today(), actor=manager)
    with pytest.raises(InvalidInput, match="没有已发布的报告"):
        orders.draw_round(definition="ecg-recording", period=day, actor=manager)
    with pytest.raises(Forbidden):
        orders.draw_round(definition=IMAGE, period=day, actor=world.reviewer)
    row = orders.draw_round(definition=IMAGE, period=day, actor=manager)
    with pytest.raises(AlreadyDrawn, match="质控员"):
        orders.draw_round(definition=IMAGE, period=day, actor=manager)
    assert (row.eligible, row.drawn, len(row.seed)) == (1, 1, 32) and quality_draw.drawn_again(row)
    assert Task.objects.get(kind="quality.score").role == "senior_radiologist"
    with pytest.raises(DatabaseError), transaction.atomic():
        QualityRound.objects.filter(pk=row.pk).update(seed="nicer")
    QualitySample.objects.filter(round=row).delete()
    assert not quality_draw.drawn_again(row)


@pytest.mark.django_db
def test_nobody_scores_what_he_had_a_hand_in(world: World, manager: Actor, judge: Actor) -> None:
    """Neither reviewer nor reader, nor a stranger's role; the database holds it too."""
    sample = drawn(world, manager).samples.get()
    stranger = person("别处专家", world.other, "senior_radiologist")
    for actor in (world.reviewer, world.reader, stranger, world.gp):
        with pytest.raises(Forbidden):
            orders.score_sample(sample_id=sample.pk, typed={"defects": ["none"]}, actor=actor)
        assert browser_of(actor).get(f"/orders/quality/{sample.pk}/").status_code == 403
    with pytest.raises(IntegrityError), transaction.atomic():
        QualitySample.objects.filter(pk=sample.pk).update(scored_by=world.reader.staff_id)
    with pytest.raises(InvalidInput):
        orders.score_sample(sample_id=sample.pk, typed={"defects": ["ugly"]}, actor=judge)
    done = orders.score_sample(sample_id=sample.pk, typed={"defects": ["none"]}, actor=judge)
    assert (done.state, done.points, done.grade) == ("closed", 100, "A")
    assert Task.objects.get(kind="quality.score").state == "done"
    with pytest.raises(WrongState):
        orders.score_sample(sample_id=sample.pk, typed={"defects": ["none"]}, actor=judge)


@pytest.mark.django_db
def test_a_finding_is_put_right_on_pages(world: World, manager: Actor, judge: Actor) -> None:
    """Drawn, scored blind, fed back at once, answered by whose institution it is, sent back, answered again, checked – each by its own page."""
    day = signed_before(world)
    boss, expert, technician = browser_of(manager), browser_of(judge), browser_of(world.technician)
    assert "影像图像质量" in boss.get("/orders/quality/").content.decode()
    assert (
        "尚未结束"
        in boss.post("/orders/quality/", {"definition": IMAGE, "period": f"{clock.today():%Y-%m}"}).content.decode()
    )
    boss.post("/orders/quality/", {"definition": IMAGE, "period": f"{day:%Y-%m}"})
    sample = QualitySample.objects.get()
    page, draw = f"/orders/quality/{sample.pk}/", f"/orders/quality/draws/{sample.round_id}/"
    blind = expert.get(page).content.decode()
    assert "左侧气胸" in blind and "盲评" in blind and "周医师" not in blind and "河口镇" not in blind
    assert technician.get(page).status_code == 403
    assert expert.post(page, {"action": "score"}).status_code == 422
    expert.post(page, {"action": "score", "defects": ["position", "marker"], "comment": "体位不正，左右标记缺失"})
    assert "待反馈" in boss.get(draw).content.decode() and "结果一致" in boss.get(f"{draw}?again=1").content.decode()
    boss.post(draw, {})
    asked = Task.objects.get(kind="quality.rectify")
    assert (asked.title, asked.role, asked.institution_id) == (
        "影像图像质量：体位不正、左右标记缺失或错误",
        "technician",
        world.township,
    )
    told = technician.get(page).content.decode()
    assert "河口镇" in told and "登记整改" in told and "评审专家" not in told
    assert technician.post(page, {"action": "answer", "cause": "x", "measure": ""}).status_code == 422
    answer = {"action": "answer", "cause": "新机位置线不准", "measure": "校准并培训", "looked_at": "12"}
    technician.post(page, answer)
    assert boss.post(page, {"action": "send_back", "reason": ""}).status_code == 422
    boss.post(page, {"action": "send_back", "reason": "请附校准记录"})
    technician.post(page, answer)
    boss.post(page, {"action": "check"})
    sample.refresh_from_db()
    assert (sample.state, sample.points, sample.looked_at) == ("closed", 60, 12)
    assert not Task.objects.filter(kind__startswith="quality.", state="open").exists()


@pytest.mark.django_db
def test_a_second_reading_comes_before_the_report_is_shown(world: World, manager: Actor, judge: Actor) -> None:
    """It is kept as it was given; who gave it scores; a difference is never closed by itself."""
    sample = drawn(world, manager, REPORT).samples.get()
    page, expert = f"/orders/quality/{sample.pk}/", browser_of(judge)
    assert "左侧气胸" not in expert.get(page).content.decode()
    with pytest.raises(ReadFirst):
        orders.score_sample(sample_id=sample.pk, typed={"defects": ["none"]}, actor=judge)
    assert expert.post(page, {"action": "read", "text": "未见异常"}).status_code == 422
    expert.post(page, {"action": "read", "positive": "no", "text": "未见异常"})
    assert "与原报告不一致" in expert.get(page).content.decode() and "左侧气胸" in expert.get(page).content.decode()
    other = person("另一专家", world.county, "senior_radiologist")
    with pytest.raises(Forbidden):
        orders.score_sample(sample_id=sample.pk, typed={"defects": ["none"]}, actor=other)
    with pytest.raises(WrongState):
        orders.read_again(sample_id=sample.pk, positive=True, text="气胸", actor=judge)
    done = orders.score_sample(sample_id=sample.pk, typed={"defects": ["none"]}, actor=judge)
    assert (done.state, done.passed, done.agrees) == ("scored", True, False)


@pytest.mark.django_db
def test_an_objection_is_upheld_or_scored_anew_by_another(world: World, manager: Actor, judge: Actor) -> None:
    """The person objects; the manager lets it stand, or has somebody else score."""
    sample = scored(world, manager, judge, "motion")
    orders.feed_back(sample_id=sample.pk, actor=manager)
    with pytest.raises(InvalidInput):
        orders.contest_finding(sample_id=sample.pk, reason=" ", actor=world.technician)
    orders.contest_finding(sample_id=sample.pk, reason="患者不能屏气", actor=world.technician)
    assert orders.uphold_finding(sample_id=sample.pk, reason="仍可补拍", actor=manager).state == "feedback"
    orders.contest_finding(sample_id=sample.pk, reason="已补拍，见第二张", actor=world.technician)
    assert orders.score_again(sample_id=sample.pk, reason="确有补拍", actor=manager).state == "drawn"
    with pytest.raises(Forbidden):
        orders.score_sample(sample_id=sample.pk, typed={"defects": ["none"]}, actor=judge)
    other = person("另一专家", world.county, "senior_radiologist")
    again = orders.score_sample(sample_id=sample.pk, typed={"defects": ["none"]}, actor=other)
    assert (again.state, again.points, again.earlier) == ("closed", 100, [judge.staff_id])


@pytest.mark.django_db
def test_what_cannot_be_scored_is_dropped_with_a_reason(world: World, manager: Actor) -> None:
    """It stays on the list and counts as drawn, not as scored."""
    sample = drawn(world, manager).samples.get()
    with pytest.raises(InvalidInput):
        orders.drop_sample(sample_id=sample.pk, reason="", actor=manager)
    orders.drop_sample(sample_id=sample.pk, reason="图像损坏", actor=manager)
    page = browser_of(manager).get(f"/orders/quality/figures/?definition={IMAGE}").content.decode()
    assert "已剔除 1" in page and Task.objects.get(kind="quality.score").state == "done"


@pytest.mark.django_db
def test_what_stands_still_is_told_to_the_manager(world: World, manager: Actor, judge: Actor) -> None:
    """A finding that nobody answers until its day."""
    sample = scored(world, manager, judge, "motion")
    orders.feed_back(sample_id=sample.pk, actor=manager)
    with clock.travel(timedelta(days=16)):
        sweep()
        late = Task.objects.get(kind="quality.late")
        assert late.role == "quality_manager" and "待整改" in late.title and late.state == "open"
        orders.contest_finding(sample_id=sample.pk, reason="患者不能屏气", actor=world.technician)
    late.refresh_from_db()
    assert late.state == "done"


@pytest.mark.django_db
def test_every_figure_opens_as_many_rows_as_it_says(world: World, manager: Actor, judge: Actor) -> None:
    """Pass rate, defects, both readings, by institution and period; export; the township sees its own, a stranger none."""
    draw = drawn(world, manager, REPORT, reports=3)
    readings = [(True, ["none"]), (False, ["missed"])]
    for sample, (positive, defects) in zip(draw.samples.order_by("number"), readings, strict=True):
        orders.read_again(sample_id=sample.pk, positive=positive, text="独立判读", actor=judge)
        orders.score_sample(sample_id=sample.pk, typed={"defects": defects}, actor=judge)
    orders.feed_back_all(round_id=draw.pk, actor=manager)
    boss, month = browser_of(manager), f"{draw.period:%Y-%m}"
    asked = f"definition={REPORT}&since={month}&until={month}"
    page = boss.get(f"/orders/quality/figures/?{asked}").content.decode()
    assert "50.0" in page and "漏诊" in page and "Kappa" in page
    expected = {
        "": 2, "scored": 2, "passed": 1, "failed": 1, "open": 1, "same": 1, "both": 1, "first_only": 1, "second_only": 0, "neither": 0, "dropped": 0,
    }  # fmt: skip
    for outcome, count in expected.items():
        rows = boss.get(f"/orders/quality/rows/?{asked}&outcome={outcome}").content.decode()
        assert f"共 {count} 条" in rows or (count == 0 and "没有符合条件" in rows), outcome
    for more, count in (
        (f"at={world.township}", 2),
        ("defect=missed", 1),
        (f"who={world.reader.staff_id}", 2),
        (f"period={month}", 2),
    ):
        assert f"共 {count} 条" in boss.get(f"/orders/quality/rows/?{asked}&{more}").content.decode(), more
    assert boss.get(f"/orders/quality/export/?{asked}").content[:2] == b"PK"
    own = browser_of(person("院长", world.township, "township_manager"))
    assert "共 2 条" in own.get(f"/orders/quality/rows/?{asked}").content.decode()
    stranger = browser_of(person("别院", world.other, "township_manager"))
    assert "没有符合条件" in stranger.get(f"/orders/quality/rows/?{asked}").content.decode()
    assert browser_of(world.gp).get(f"/orders/quality/figures/?{asked}").status_code == 403


@pytest.mark.django_db
def test_a_manager_decides_nothing_about_his_own_work(world: World, manager: Actor, judge: Actor) -> None:
    """Not even where he holds both posts."""
    both = replace(world.reviewer, role="quality_manager", permissions=manager.permissions)
    sample = scored(world, manager, judge, "motion")
    with pytest.raises(Forbidden):
        orders.feed_back(sample_id=sample.pk, actor=both)
    assert issubclass(AlreadyDrawn, Conflict)
