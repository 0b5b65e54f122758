"""The review desk: how pairs get there, what decisions do, what never comes back."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from yigong.access.tests.factories import make_person
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.jobs import worker
from yigong.core.jobs.api import job
from yigong.core.testing import race
from yigong.residents import api
from yigong.residents.commands import reviewing
from yigong.residents.data import GivenNumber, NewResident, ResidentData
from yigong.residents.matching import definition
from yigong.residents.models import CandidatePair, Resident
from yigong.residents.queries import lessons, pairs
from yigong.residents.tests.factories import citizen_number, make_actor, make_resident, register

pytestmark = pytest.mark.django_db
BORN = date(1960, 5, 4)


@pytest.fixture
def keeper() -> Actor:
    """Who keeps the index."""
    return replace(make_actor("identity_manager"), staff_id=uuid4(), account_id=uuid4())


def twice(**values: object) -> tuple[ResidentData, ResidentData]:
    """One person registered twice in spite of the warning; the desk sees the pair."""
    facts = {"phone": "13800000001", "township": "石桥镇", "village": "柳树村"} | values
    one = make_resident(make_actor(), "王小红", number=citizen_number(sex="2"), **facts)
    return one, register(make_actor(), "王晓红", confirmed=[one.id], **facts).resident


def test_what_a_desk_registered_in_spite_of_a_likeness_is_looked_at_again(keeper: Actor) -> None:
    """Confirmed at registration, reviewed, merged, undone: then it is a question again."""
    one, other = twice()
    (found,) = [p for group in pairs.queue().items for p in group]
    assert {found.left.id, found.right.id} == {one.id, other.id}
    assert found.found_by == "建档时"
    assert pairs.score(one.id, other.id).steps
    with pytest.raises(InvalidInput):
        api.decide_pair(pair_id=found.id, decision="same", actor=keeper)
    done = api.decide_pair(pair_id=found.id, decision="same", reason="电话核实", survivor_id=one.id, actor=keeper)
    assert api.identity(other.id).id == one.id
    assert pairs.queue().total == 0
    assert pairs.statistics().waiting == 0
    api.undo_operation(operation_id=done.operation_id, reason="两个人", actor=keeper)
    assert pairs.queue().total == 1


def test_a_pair_decided_not_the_same_never_comes_back(keeper: Actor) -> None:
    """Neither from the job nor after one side was merged into another file."""
    one, other = twice()
    found = CandidatePair.objects.get()
    api.decide_pair(pair_id=found.id, decision="different", reason="姐妹", actor=keeper)
    third = make_resident(make_actor(), "王小红", birth_date=date(1960, 5, 3))
    api.merge_residents(survivor_id=third.id, other_id=one.id, reason="同一人", actor=keeper)
    assert reviewing.note_pairs(pairs.score_many([(third.id, other.id)]), "job") == 0
    started = api.start_search(actor=keeper)
    worker.run_job(started.id)
    assert job(started.id).state == "done"
    assert pairs.queue().total == 0


def test_the_job_finds_pairs_among_all_and_runs_twice_without_harm(keeper: Actor) -> None:
    """The same person from two bulk loads is found once."""
    twice()
    CandidatePair.objects.all().delete()
    for _time in range(2):
        worker.run_job(api.start_search(actor=keeper).id)
    assert CandidatePair.objects.get().found_by == "job"


def test_safe_pairs_are_merged_together(keeper: Actor) -> None:
    """The same document, name and birth date in one go; anything else must be compared."""
    book = (GivenNumber("02", "530181001"),)
    ids = []
    for _desk in range(2):
        given = NewResident("王小红", "2", BORN, numbers=book, township="石桥镇", village="柳树村", phone="13800000001")
        ids.append(api.register_resident(given=given, actor=make_actor(), confirmed=ids).resident.id)
    found = CandidatePair.objects.get()
    assert found.is_safe
    assert api.decide_safe(pair_ids=[found.id], actor=keeper) == 1
    assert Resident.objects.filter(status="merged").count() == 1
    left, right = sorted(make_resident(make_actor(), name, birth_date=date(1970, 1, 1)).id for name in ("赵一", "钱二"))
    score = {"weight": 9.0, "probability": 0.99, "verdict": "link", "gain": 1.0, "found_by": "file"}
    unsafe = CandidatePair.objects.create(left_id=left, right_id=right, **score)
    with pytest.raises(Conflict, match="逐对比对"):
        api.decide_safe(pair_ids=[unsafe.id], actor=keeper)


def test_the_desk_by_page() -> None:
    """Queue, comparison with marks and waterfall, decision, the next pair."""
    keeper = make_person("identity_manager").client()
    one, _other = twice()
    page = keeper.get("/residents/desk/").content.decode()
    found = CandidatePair.objects.get()
    address = f"/residents/desk/{found.id}/"
    assert address in page
    page = keeper.get(address).content.decode()
    assert "is-differs" in page
    assert "r-bar-for" in page
    assert "起点" in page
    assert keeper.post(address, {"decision": "same", "survivor_id": str(one.id)}).status_code == 422
    done = keeper.post(address, {"decision": "same", "survivor_id": str(one.id), "reason": "电话核实"})
    assert done["Location"] == "/residents/desk/"
    assert "查看或撤销合并" in keeper.get(address).content.decode()
    assert keeper.post("/residents/desk/search/")["Location"].startswith("/jobs/")
    assert keeper.post("/residents/desk/batch/", {"pair": ["x"]}).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.decide_pair")
def test_two_clerks_decide_one_pair(keeper: Actor) -> None:
    """One decides, the other learns what."""
    twice()
    found = CandidatePair.objects.get()
    outcomes = race(
        lambda: api.decide_pair(pair_id=found.id, decision="different", reason="姐妹", actor=keeper),
        lambda: api.decide_pair(pair_id=found.id, decision="same", reason="核实", actor=keeper),
    )
    assert sorted(type(o).__name__ for o in outcomes) == ["Conflict", "PairData"]


def several(count: int) -> list[ResidentData]:
    """The same person registered by so many desks in spite of the warning."""
    found: list[ResidentData] = []
    for name in "王小红 王晓红 王筱红 王小虹".split()[:count]:
        known = [r.id for r in found]
        facts = {"phone": "13800000001", "township": "石桥镇", "village": "柳树村"}
        found.append(register(make_actor(), name, confirmed=known, **facts).resident)
    return found


def test_a_group_is_decided_as_one() -> None:
    """Three of four are one person: one page, one decision, a merge each, and the fourth is somebody else for good."""
    keeper = make_person("identity_manager").client()
    people = several(4)
    page = keeper.get("/residents/desk/").content.decode()
    first = CandidatePair.objects.order_by("-gain", "id")[0]
    address = f"/residents/desk/{first.id}/group/"
    assert CandidatePair.objects.count() == 6 and "整组判定" in page
    page = keeper.get(address).content.decode()
    assert all(r.name in page for r in people) and "这 4 份档案里" in page
    sent = {"same": [str(r.id) for r in people[:3]], "survivor_id": str(people[1].id), "reason": "逐一电话核实"}
    assert keeper.post(address, sent | {"survivor_id": str(people[3].id)}).status_code == 422
    assert keeper.post(address, sent | {"same": [str(people[0].id)]}).status_code == 422
    assert keeper.post(address, sent)["Location"] == "/residents/desk/"
    assert {api.identity(r.id).id for r in people[:3]} == {people[1].id}
    states = list(CandidatePair.objects.values_list("state", flat=True))
    assert sorted(states) == ["different"] * 3 + ["same"] * 3
    operation = CandidatePair.objects.filter(state="same", operation__origin_id=people[0].id)[0].operation_id
    again = keeper.post(f"/residents/operations/{operation}/", {"reason": "两个人", "action": "undo"})
    assert again.status_code == 302 and api.identity(people[0].id).id == people[0].id
    assert api.identity(people[2].id).id == people[1].id
    assert keeper.get(address).status_code == 200


def test_a_group_of_strangers_is_answered_once(keeper: Actor) -> None:
    """Nobody ticked: all pairs are different people; a second answer finds nothing to decide."""
    people = [r.id for r in several(3)]
    asked = {"member_ids": people, "same_ids": [], "survivor_id": None, "reason": "三姐妹", "actor": keeper}
    assert api.decide_group(**asked) == 0
    assert set(CandidatePair.objects.values_list("state", flat=True)) == {"different"}
    with pytest.raises(Conflict):
        api.decide_group(**asked)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.decide_group")
def test_two_clerks_decide_one_group(keeper: Actor) -> None:
    """One merges, the other learns that it was decided."""
    people = [r.id for r in several(3)]
    asked = {"member_ids": people, "survivor_id": people[0], "actor": keeper}
    outcomes = race(
        lambda: api.decide_group(same_ids=people, reason="核实", **asked),
        lambda: api.decide_group(same_ids=[], reason="三姐妹", **asked),
    )
    assert sum(isinstance(o, int) for o in outcomes) == 1
    assert sum(isinstance(o, Conflict | InvalidInput) for o in outcomes) == 1


def test_decisions_become_statistics_and_a_proposal() -> None:
    """By band with counts; new m from the decisions beside the old, effect on decided and waiting pairs, a file of a new version."""
    person = make_person("identity_manager")
    people = several(4)
    decided = CandidatePair.objects.order_by("id")
    for pair in decided[:3]:
        CandidatePair.objects.filter(pk=pair.pk).update(state="same", decided_at=clock.now())
    bands = lessons.bands()
    assert sum(b.same for b in bands) == 3 and sum(b.waiting for b in bands) == 3
    made = lessons.proposal()
    sound = next(e for e in made.estimates if (e.comparison, e.level) == ("name", "sound"))
    assert sound.seen == 3 and sound.m == pytest.approx((3 + 100 * sound.m_defined) / 103, rel=0.01)
    assert sum(n for (_old, _new, kind), n in made.effects.items() if kind is None) == 3
    client = person.client()
    assert "复核统计" in client.get("/residents/desk/statistics/").content.decode()
    page = client.get("/residents/desk/estimates/").content.decode()
    assert "同音不同字" in page and "已判定是同一人" in page
    answer = client.get("/residents/desk/estimates/file/")
    assert "matching-2026.3.toml" in answer["Content-Disposition"]
    assert len(people) == 4


def test_the_proposed_file_is_a_definition_with_other_weights(tmp_path: Path) -> None:
    """Comments stay, m and u are exchanged, version and day are new; it is read without complaint."""
    several(2)
    CandidatePair.objects.update(state="same", decided_at=clock.now())
    name, text = lessons.proposed_file()
    path = tmp_path / name
    path.write_text(text, "utf-8")
    read = definition.read(path)
    made = lessons.proposal()
    assert read.version == "2026.3" and read.effective_from == clock.today()
    levels = {(c.code, x.code): (x.m, x.u) for c in read.comparison for x in c.level}
    sound = next(e for e in made.estimates if (e.comparison, e.level) == ("name", "sound"))
    assert levels["name", "sound"][0] == sound.m != sound.m_defined
    assert text.count("#") == definition.source_of(pairs.definition()).count("#")
