"""Writing records: right, time, once, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.events.models import OutboxEvent
from yigong.core.testing import race
from yigong.records import api
from yigong.records.data import NewLine, NewResult, Source
from yigong.records.models import Condition, Document, Encounter, Result
from yigong.residents.models import Resident
from yigong.residents.tests.factories import make_actor, make_resident

pytestmark = pytest.mark.django_db
URGENT = {"sbp": Decimal(186), "dbp": Decimal(112), "pulse": Decimal(88)}


def events() -> list[str]:
    """The names of recorded events without the registration's."""
    return [n for n in OutboxEvent.objects.order_by("id").values_list("name", flat=True) if n.startswith("records.")]


def visit(**values) -> api.Visit:
    """A visit with complaint, signs, diagnosis and medicine."""
    given = {
        "kind": "home",
        "complaint": "头晕三天",
        "signs": URGENT,
        "diagnoses": (("I10", "高血压", True),),
        "medicines": (NewLine("氨氯地平片", dose="5mg", route="口服", frequency="每日一次", days=28),),
        "advice": "转上级医院",
    }
    return api.Visit(**given | values)


def test_a_visit_is_written_whole_and_raises_the_national_alert() -> None:
    """186/112: encounter, signs, diagnosis, medicine; two weeks to look again."""
    actor = make_actor("village_doctor")
    resident = make_resident(actor)
    encounter = api.record_visit(resident_id=resident.id, visit=visit(), actor=actor)
    assert encounter.status == "finished"
    assert events() == [
        "records.encounter_opened",
        "records.result_recorded",
        "records.vital_alert",
        "records.condition_added",
        "records.prescription_issued",
        "records.encounter_closed",
    ]
    alert = OutboxEvent.objects.get(name="records.vital_alert").payload
    assert (alert["rule"], alert["level"]) == ("bp-emergency", "urgent")
    assert alert["due_at"][:10] == (encounter.occurred_at + timedelta(days=14)).isoformat()[:10]
    flags = dict(Result.objects.values_list("name", "flag"))
    assert flags == {"收缩压": "H", "舒张压": "H", "脉率": "N"}


@pytest.mark.parametrize(
    ("signs", "field"),
    [
        ({"sbp": Decimal(1860), "dbp": Decimal(112)}, "sbp"),
        ({"sbp": Decimal(120)}, "dbp"),
        ({"sbp": Decimal(80), "dbp": Decimal(120)}, "dbp"),
        ({"temperature": Decimal(369)}, "temperature"),
        ({"glucose": Decimal(-1)}, "glucose"),
    ],
)
def test_implausible_signs_are_refused_and_nothing_is_written(signs: dict, field: str) -> None:
    """The sentence stands beside the field; the transaction is whole."""
    actor = make_actor("village_doctor")
    resident = make_resident(actor)
    with pytest.raises(InvalidInput) as refused:
        api.record_visit(resident_id=resident.id, visit=visit(signs=signs), actor=actor)
    assert list(refused.value.errors) == [field]
    assert not Encounter.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"complaint": "长" * 10_000_000},
        {"occurred_at": clock.now() + timedelta(days=1)},
        {"occurred_at": clock.now() - timedelta(days=365 * 80)},
        {"kind": "party"},
        {"medicines": (NewLine(" "),)},
        {"medicines": (NewLine("药", days=4000),)},
        {"medicines": (NewLine("药", quantity=Decimal(10**9)),)},
        {"complaint": " ", "signs": {}, "diagnoses": (), "medicines": ()},
    ],
)
def test_bad_visits_are_refused(wrong: dict) -> None:
    """Floods, the future, times before birth, unknown kinds, insane quantities, empty forms."""
    actor = make_actor("village_doctor")
    resident = make_resident(actor)
    with pytest.raises(InvalidInput):
        api.record_visit(resident_id=resident.id, visit=visit(**wrong), actor=actor)
    assert not Encounter.objects.exists()
    assert not Condition.objects.exists()


def test_the_same_request_twice_is_one_visit() -> None:
    """A double click is answered with the first visit."""
    actor, key = make_actor("village_doctor"), uuid4()
    resident = make_resident(actor)
    first = api.record_visit(resident_id=resident.id, visit=visit(), actor=actor, request_key=key)
    assert api.record_visit(resident_id=resident.id, visit=visit(), actor=actor, request_key=key).id == first.id
    assert Condition.objects.count() == 1


def test_a_stranger_may_begin_an_encounter_but_not_write_without_one() -> None:
    """The patient at the counter opens the relationship."""
    resident = make_resident(make_actor())
    doctor = make_actor("specialist")
    with pytest.raises(Forbidden):
        api.add_condition(resident_id=resident.id, text="高血压", actor=doctor)
    opened = api.open_encounter(resident_id=resident.id, kind="outpatient", actor=doctor)
    api.add_condition(resident_id=resident.id, text="高血压", actor=doctor, encounter_id=opened.id)
    api.close_encounter(encounter_id=opened.id, actor=doctor, advice="低盐")
    with pytest.raises(Conflict):
        api.close_encounter(encounter_id=opened.id, actor=doctor)
    assert api.summary(resident.id, actor=doctor).conditions_text == "高血压"


def test_a_cancelled_encounter_gives_no_access() -> None:
    """An encounter recorded by mistake closes what it opened."""
    resident = make_resident(make_actor())
    doctor = make_actor("specialist")
    opened = api.open_encounter(resident_id=resident.id, kind="outpatient", actor=doctor)
    api.cancel_encounter(encounter_id=opened.id, reason="挂错号", actor=doctor)
    with pytest.raises(Forbidden):
        api.timeline(resident.id, actor=doctor)


def test_a_final_document_never_changes_and_an_amendment_is_a_new_version() -> None:
    """The database refuses the change; the chain keeps both; receivers are told."""
    actor = make_actor("gp")
    resident = make_resident(actor)
    source = Source("imaging", uuid4())
    given = {"resident_id": resident.id, "actor": actor, "kind": "imaging_report", "title": "胸部 DR 报告"}
    first = api.add_document(content={"所见": "未见异常"}, text="未见异常", source=source, **given)
    with pytest.raises(InvalidInput):
        api.add_document(content={}, text="右下肺炎", supersedes=first.id, **given)
    second = api.add_document(content={}, text="右下肺炎", supersedes=first.id, reason="复核", **given)
    assert (second.version, second.series_id, second.source_id) == (2, first.series_id, source.id)
    versions = api.document_versions(first.id, actor=actor)
    assert [(d.version, d.status) for d in versions] == [(2, "final"), (1, "superseded")]
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.filter(pk=first.id).update(text="改")
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.filter(pk=first.id).delete()
    with pytest.raises(Conflict):
        api.add_document(content={}, text="再改", supersedes=first.id, reason="复核", **given)
    amended = OutboxEvent.objects.get(name="records.document_amended").payload
    assert amended["old_document_id"] == str(first.id)
    assert api.documents_of_source(app="imaging", id=source.id) == [second]


def test_a_draft_becomes_final_once() -> None:
    """Then it may only be amended or declared void."""
    actor = make_actor("gp")
    resident = make_resident(actor)
    draft = api.add_document(
        resident_id=resident.id, kind="other", title="病情说明", content={}, actor=actor, draft=True
    )
    assert events() == []
    done = api.finalise_document(document_id=draft.id, content={"a": 1}, text="写好", actor=actor)
    assert (done.status, events()) == ("final", ["records.document_final"])
    with pytest.raises(Conflict):
        api.finalise_document(document_id=draft.id, content={}, text="", actor=actor)
    assert api.void_document(document_id=draft.id, reason="写错人", actor=actor).status == "void"


def test_floods_of_text_are_refused_clearly() -> None:
    """Ten megabytes of text or content."""
    actor = make_actor("gp")
    resident = make_resident(actor)
    given = {"resident_id": resident.id, "kind": "other", "title": "长文", "actor": actor}
    with pytest.raises(InvalidInput) as refused:
        api.add_document(content={}, text="长" * 10_000_000, **given)
    assert "内容过长" in refused.value.errors["text"]
    with pytest.raises(InvalidInput):
        api.add_document(content={"x": "长" * 10_000_000}, **given)


def test_results_are_flagged_from_their_limits() -> None:
    """The reporter's flag wins; the gravest stands for the group."""
    actor = make_actor("gp")
    resident = make_resident(actor)
    group = api.add_result(
        resident_id=resident.id,
        title="生化",
        actor=actor,
        results=[
            NewResult(
                "2823-3", "钾", Decimal("6.8"), unit="mmol/L", low=Decimal("3.5"), high=Decimal("5.3"), flag="HH"
            ),
            NewResult("2951-2", "钠", Decimal(130), unit="mmol/L", low=Decimal(137), high=Decimal(147)),
            NewResult("x", "尿蛋白", text="阴性"),
        ],
    )
    assert [r.flag for r in group.results] == ["HH", "L", ""]
    assert (group.worst_flag, group.results[0].shown, group.results[1].limits) == ("HH", "6.8 mmol/L", "137–147")


def test_allergies_show_until_they_are_ended() -> None:
    """A reason is required to end one."""
    actor = make_actor("gp")
    resident = make_resident(actor)
    allergy = api.add_allergy(resident_id=resident.id, substance="<b>青霉素</b>", reaction="皮疹", actor=actor)
    assert api.summary(resident.id, actor=actor).allergies_text == "<b>青霉素</b>（皮疹）"
    with pytest.raises(InvalidInput):
        api.end_allergy(allergy_id=allergy.id, reason="", actor=actor)
    api.end_allergy(allergy_id=allergy.id, reason="皮试阴性", actor=actor)
    assert api.summary(resident.id, actor=actor).allergies == ()


def test_the_timeline_is_paged_filtered_and_follows_merges() -> None:
    """Newest first, no row twice or lost between pages; entries under an old key are found."""
    actor = make_actor("all")
    old, today = make_resident(actor, "甲一"), make_resident(actor, "乙二", birth_date=date(1950, 1, 1))
    at = clock.now() - timedelta(days=40)
    for day in range(30):
        who = old if day % 2 else today
        signs = {"sbp": Decimal(120 + day), "dbp": Decimal(80)}
        api.record_visit(
            resident_id=who.id, visit=visit(signs=signs, occurred_at=at + timedelta(days=day)), actor=actor
        )
    Resident.objects.filter(pk=old.id).update(merged_into_id=today.id, status="merged")
    seen, cursor = [], ""
    while True:
        page = api.timeline(old.id, actor=actor, limit=7, before=cursor)
        seen += page.items
        cursor = page.next
        if not cursor:
            break
    assert len(seen) == len({i.id for i in seen}) == 30
    assert [i.at for i in seen] == sorted((i.at for i in seen), reverse=True)
    assert {i.kind for i in seen} == {"encounter"}
    assert seen[0].results[0].shown == "149 mmHg"
    assert page.counts["condition"] == 30
    only = api.timeline(today.id, actor=actor, kinds=["prescription"], since=at + timedelta(days=28, hours=-1))
    assert len(only.items) == 2
    assert [int(r.value) for r in api.trend(today.id, code="8480-6", actor=actor)] == list(range(120, 150))
    with pytest.raises(InvalidInput):
        api.timeline(today.id, actor=actor, before="nonsense")


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("records.amend_document")
def test_two_amendments_of_one_version() -> None:
    """One becomes version 2, the other is told to look at it."""
    actor = make_actor("gp")
    resident = make_resident(actor)
    given = {"resident_id": resident.id, "kind": "other", "title": "说明", "content": {}, "actor": actor}
    first = api.add_document(text="一", **given)
    outcomes = race(
        *[lambda t=t: api.add_document(text=t, supersedes=first.id, reason="更正", **given) for t in "二三"]
    )
    assert sorted(type(o).__name__ for o in outcomes) == ["Conflict", "DocumentData"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("records.record_visit")
def test_a_double_click_is_one_visit() -> None:
    """Both clicks get the same encounter."""
    actor, key = make_actor("village_doctor"), uuid4()
    resident = make_resident(actor)
    act = lambda: api.record_visit(resident_id=resident.id, visit=visit(), actor=actor, request_key=key)  # noqa: E731
    first, second = race(act, act)
    assert first.id == second.id
    assert Encounter.objects.count() == 1
