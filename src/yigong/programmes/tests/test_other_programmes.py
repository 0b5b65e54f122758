"""Severe mental illness, tuberculosis, notifiable diseases, reactions to vaccination, tumours: thresholds on both sides and their ways to the end."""

from datetime import date, timedelta
from typing import Any

import pytest

from yigong.access import api as access
from yigong.core import clock
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.events.relay import deliver_waiting
from yigong.core.forms import api as forms
from yigong.core.packs import api as packs
from yigong.programmes import api
from yigong.programmes.errors import RegisteredBefore
from yigong.programmes.models import Candidate, Due, Enrolment, Visit
from yigong.programmes.queries import standing
from yigong.programmes.rules import judging
from yigong.programmes.rules.notifiable import NOTIFIABLE, disease_of
from yigong.programmes.rules.packs import programmes
from yigong.records import api as records
from yigong.residents import api as residents
from yigong.tasks.models import Task

from .cards import CALM, CARD, MIND, NOTICE, SENT, STOPPED, card
from .test_pages import signed_in
from .world import World

TODAY = date(2026, 6, 15)
TUMOUR = {"state": "1", "course": "1", "pain": 0, "treating": ["0"], "reaction": "1", "recheck": "1"}
HEALED = {"treated": "1", "outcome": "1"}
STAGES = {
    "mental_illness": "followup",
    "tuberculosis": "closing",
    "infectious": "report24h",
    "aefi": "followup",
    "tumour": "followup",
}
USUAL = {"mental_illness": CALM, "tuberculosis": STOPPED, "infectious": SENT, "aefi": HEALED, "tumour": TUMOUR}
# (programme, what differs, grade)
ROWS: list[tuple[str, dict[str, Any], str]] = [
    *(("mental_illness", {"risk": str(n)}, "stable" if n == 0 else "partly" if n < 3 else "unstable") for n in range(6)),
    *(("mental_illness", {f"social_{part}": "2"}, "stable") for part in ("life", "house", "work", "study", "people")),
    *(("mental_illness", {f"social_{part}": "3"}, "partly") for part in ("life", "house", "work", "study", "people")),
    ("mental_illness", {"psychosis": "2"}, "partly"), ("mental_illness", {"psychosis": "3"}, "unstable"), ("mental_illness", {"insight": "2"}, "partly"),
    ("mental_illness", {"insight": "3"}, "unstable"), ("mental_illness", {"reaction": "2", "reaction_note": "手抖"}, "stable"),
    ("mental_illness", {"reaction": "3", "reaction_note": "锥体外系反应"}, "unstable"), ("mental_illness", {"physical": "2"}, "partly"),
    ("mental_illness", {"physical": "3"}, "unstable"), ("mental_illness", {"physical": "3", "risk": "1"}, "unstable"),
    # 90 percent of 180 doses are 162
    ("tuberculosis", {"doses_taken": 162}, "finished_regular"), ("tuberculosis", {"doses_taken": 161}, "finished_irregular"),
    ("tuberculosis", {"doses_due": 10, "doses_taken": 9}, "finished_regular"), ("tuberculosis", {"stop_reason": "2", "doses_taken": 60}, "died"),
    ("tuberculosis", {"stop_reason": "3", "doses_taken": 60}, "disappeared"), ("tuberculosis", {"stop_reason": "4", "doses_taken": 60}, "moved_on"),
    ("infectious", {}, "sent"), ("infectious", {"cdc_check": "2"}, "sent"), ("infectious", {"cdc_check": "3", "return_reason": "地址不详"}, "returned"),
    ("aefi", {}, "recovered"), ("aefi", {"outcome": "2"}, "recovered"), ("aefi", {"outcome": "3"}, "open"), ("aefi", {"outcome": "4"}, "open"),
    ("aefi", {"outcome": "5", "died_on": "2026-06-14"}, "died"),
    ("tumour", {"pain": 3}, "stable"), ("tumour", {"pain": 4}, "attention"), ("tumour", {"pain": 6}, "attention"), ("tumour", {"pain": 7}, "worse"),
    ("tumour", {"state": "3"}, "stable"), ("tumour", {"state": "4"}, "attention"), ("tumour", {"recheck": "3"}, "attention"), ("tumour", {"course": "2"}, "worse"),
    ("tumour", {"reaction": "2"}, "stable"), ("tumour", {"reaction": "3"}, "worse"), ("tumour", {"course": "9"}, "attention"),
]  # fmt: skip


def read(code: str, changes: dict[str, Any]) -> forms.Reading:
    """The answers of a visit of the programme's stage in question."""
    programme = programmes(TODAY)[code]
    stage = programme.stage(STAGES[code])
    assert stage is not None
    return forms.read(forms.form(stage.form, programme.effective_from), USUAL[code] | changes)


def test_thresholds_of_the_other_programmes() -> None:
    """One visit for each row, as read from its form."""
    wrong = []
    for code, changes, grade in ROWS:
        reading = read(code, changes)
        told = judging.judge(programmes(TODAY)[code], {**reading.answers, "stage": STAGES[code], "days": 100})
        got = told.grade.code if told.grade else ""
        if reading.errors or got != grade:
            wrong.append(f"{code} {changes}: {got}, not {grade} {reading.errors}")
    print(f"\n{len(ROWS) - len(wrong)} of {len(ROWS)} threshold rows of the other programmes tested")
    assert len(ROWS) > 40 and not wrong, "\n".join(wrong)


def test_the_share_of_doses_is_reckoned() -> None:
    """Never typed: 162 of 180 are 90.0 percent, 161 are 89.4."""
    for taken, share in ((162, "90.0"), (161, "89.4"), (180, "100.0")):
        assert str(read("tuberculosis", {"doses_taken": taken, "dose_rate": "12"}).answers["dose_rate"]) == share
    assert "doses_taken" in read("tuberculosis", {"doses_taken": 181}).errors


def test_acts_and_risk_are_asked_back() -> None:
    """Who set fire is not of grade 0, who hurt himself not of grade 3; a count is asked for each kind of act."""
    grave = {"acts": ["3"], "acts_grave": 1}
    assert (
        "risk" in read("mental_illness", grave).warnings and not read("mental_illness", grave | {"risk": "3"}).warnings
    )
    hurt = {"acts": ["5"], "acts_self": 2, "risk": "3"}
    assert "risk" in read("mental_illness", hurt).warnings and not read("mental_illness", hurt | {"risk": "4"}).warnings
    assert "acts_trouble" in read("mental_illness", {"acts": ["2"]}).errors


def test_who_has_to_name_a_parent() -> None:
    """At fourteen the card asks for the parent, at fifteen no more; a pupil's school and the course of hepatitis B are asked for."""
    form = forms.form("infectious-enrolment")
    card = CARD | {"disease": "手足口病"}
    for age, asked in ((14, True), (15, False)):
        assert (
            "parent" in forms.read(form, {k: v for k, v in card.items() if k != "parent"}, {"age": age}).errors
        ) is asked
    assert "workplace" in forms.read(form, card | {"people_group": "3"}, {"age": 20}).errors
    assert "case_course" in forms.read(form, card | {"disease": "乙型病毒性肝炎"}, {"age": 20}).errors
    assert "urgency" in forms.read(form, card | {"disease": "霍乱"}, {"age": 20}).errors
    assert not forms.read(form, card | {"disease": "霍乱", "urgency": "A"}, {"age": 20}).errors


def registered(world: World, person: Any, **changes: Any) -> api.EnrolmentData:
    """A card filled in."""
    reason = changes.pop("reason", "")
    return api.enrol(
        resident_id=person, programme="infectious", actor=world.doctor, answers=card(**changes), reason=reason
    )


def filed(world: World, row: Any, stage: str = "report24h", **changes: Any) -> api.Outcome:
    """The card sent, or corrected."""
    return api.record_visit(enrolment_id=row.id, stage=stage, answers=SENT | changes, actor=world.doctor)


@pytest.mark.django_db
def test_hours_count_from_the_diagnosis(world: World) -> None:
    """Not from when somebody found time to fill the card in: what was diagnosed two days ago is late, and counts as late."""
    before = clock.today() - timedelta(days=2)
    row = registered(world, world.person(30), onset_on=str(before), diagnosed_on=str(before), diagnosed_hour=9)
    due = Due.objects.get(enrolment_id=row.id)
    assert (due.deadline - Enrolment.objects.get(pk=row.id).began_at) == timedelta(
        hours=24
    ) and due.deadline < clock.now()
    filed(world, row)
    prompt = registered(world, world.person(31), disease="流行性感冒")
    filed(world, prompt)
    rate = next(r for r in programmes()["infectious"].rates if r.code == "timely")
    told = standing.figures(programmes()["infectious"], rate, clock.today().year, clock.today(), None)[0]
    assert (told.counts, told.of) == (1, 2)
    with pytest.raises(InvalidInput) as refused:
        registered(world, world.person(32), diagnosed_on=str(clock.today() + timedelta(days=1)))
    assert "晚于现在" in refused.value.errors["diagnosed_on"]


@pytest.mark.django_db
def test_a_second_card_of_the_same_illness(world: World) -> None:
    """By person, disease and onset: within thirty days only with a reason, on the thirty-first at once; one taken for a mistake does not count."""
    person, onset = world.person(30), clock.today() - timedelta(days=31)
    first = registered(world, person, onset_on=str(onset))
    filed(world, first)
    with pytest.raises(RegisteredBefore) as told:
        registered(world, person, onset_on=str(onset + timedelta(days=30)))
    assert "手足口病" in str(told.value) and "reason" in told.value.errors
    registered(world, person, disease="流行性感冒", onset_on=str(onset + timedelta(days=30)))
    again = registered(world, person, onset_on=str(onset + timedelta(days=31)))
    api.end(enrolment_id=again.id, ending="wrong", reason="登记重复", actor=world.doctor)
    second = registered(world, person, onset_on=str(onset + timedelta(days=30)), reason="另一次感染，咽拭子阳性")
    assert second.state == "active"


@pytest.mark.django_db
def test_returned_corrected_and_reopened(world: World) -> None:
    """A card that came back is corrected within a day; after the report was accepted a death is reported by a correction."""
    person = world.person(30)
    row = registered(world, person)
    filed(world, row, cdc_check="3", return_reason="现住地址不详")
    due = Due.objects.get(enrolment_id=row.id, stage="correction", state="open")
    assert due.due_on == clock.today() + timedelta(days=1)
    with pytest.raises(InvalidInput):
        filed(world, row, "correction", report_kind="2")
    filed(world, row, "correction", report_kind="2", correction_why="补充门牌号", cdc_check="2")
    assert Enrolment.objects.get(pk=row.id).ending == "reported"
    card_page = signed_in(world.doctor)
    shown = card_page.get(f"/programmes/enrolment/{row.id}/card/").content.decode()
    assert "传染病报告卡" in shown and "东河镇李庄村3组12号" in shown and "临床诊断病例" in shown
    assert card_page.get(f"/programmes/enrolment/{row.id}/card/print/").content[:4] == b"%PDF"
    api.reopen(enrolment_id=row.id, reason="患者死亡，需订正", actor=world.doctor)
    page = card_page.get(f"/programmes/person/{person}/").content.decode()
    assert f"/programmes/enrolment/{row.id}/visit/correction/" in page


@pytest.mark.django_db
def test_a_diagnosis_asks_for_the_card(world: World) -> None:
    """The task with its hours comes with the diagnosis, stands beside the next visit, leads to a card that knows the disease, and is met by it."""
    person = world.person(6)
    seen = records.Visit(
        occurred_at=clock.now(),
        complaint="发热、皮疹",
        diagnoses=(("B08.400", "手足口病", False), ("J06.9", "上感", False)),
    )
    records.record_visit(resident_id=person, visit=seen, actor=world.doctor)
    deliver_waiting()
    task = Task.objects.get(kind="programmes.notify")
    assert task.state == "open" and task.role == "village_doctor" and "手足口病" in task.title
    assert timedelta(hours=23) < task.due_at - clock.now() <= timedelta(hours=24)
    browser = signed_in(world.doctor)
    assert "限时报告" in browser.get(f"/programmes/person/{person}/due/").content.decode()
    form = browser.get(task.url).content.decode()
    assert 'value="手足口病"' in form and 'value="B" checked' in form
    registered(world, person)
    task.refresh_from_db()
    assert task.state == "done"
    records.record_visit(resident_id=person, visit=seen, actor=world.doctor)
    deliver_waiting()
    assert Task.objects.filter(kind="programmes.notify", state="open").count() == 0


def test_the_catalogue_of_notifiable_diseases() -> None:
    """The longest beginning decides; what is not in it asks for nothing."""
    known = packs.rows(NOTIFIABLE)
    found = {
        code: (d.name, d.urgency) if (d := disease_of(code)) else None
        for code in ("A22.1", "A22.0", "A00.9", "B08.4x1", "B08.5", "J10.1", "I10", "")
    }
    assert found == {
        "A22.1": ("肺炭疽", "A"), "A22.0": ("炭疽", "B"), "A00.9": ("霍乱", "A"), "B08.4x1": ("手足口病", "B"), "B08.5": None, "J10.1": ("流行性感冒", "B"),
        "I10": None, "": None,
    }  # fmt: skip
    print(f"\n{len(known)} beginnings of codes, {len({r.name for r in known.values()})} diseases")
    assert len({r.name for r in known.values()}) > 40 and sum(r.grade == "甲" for r in known.values()) == 2


def ill(world: World, age: int, **changes: Any) -> api.EnrolmentData:
    """Somebody with a severe mental illness, in the care of the village clinic and known to its health centre."""
    person = world.person(age)
    access.open_relationship(resident_id=person, institution_id=world.township.id, basis="contract")
    return api.enrol(
        resident_id=person,
        programme="mental_illness",
        actor=world.gp,
        answers=MIND | changes,
        institution_id=world.village.id,
    )


@pytest.mark.django_db
def test_without_consent(world: World) -> None:
    """Registered and reported, not followed up; with consent given later the follow-up begins."""
    row = ill(world, 40, consent="0")
    assert set(Due.objects.filter(enrolment_id=row.id, state="open").values_list("stage", flat=True)) & {
        "followup",
        "refusal",
    } == {"refusal"}
    api.amend(enrolment_id=row.id, answers=MIND, reason="监护人同意", actor=world.gp)
    assert set(Due.objects.filter(enrolment_id=row.id, state="open").values_list("stage", flat=True)) & {
        "followup",
        "refusal",
    } == {"followup"}


@pytest.mark.django_db
def test_why_somebody_was_lost_and_of_what_he_died(world: World) -> None:
    """Asked with the ending on the page; where a death ended it by itself, asked afterwards and shown then; not where nothing is asked."""
    browser, lost, dead = signed_in(world.gp), ill(world, 40), ill(world, 41)
    page = browser.get(f"/programmes/enrolment/{lost.id}/end/").content.decode()
    assert 'data-ending="lost"' in page and 'data-ending="death"' in page
    head = {"ending": "lost", "on": str(clock.today()), "reason": ""}
    assert "请填写“失访原因”" in browser.post(f"/programmes/enrolment/{lost.id}/end/", head).content.decode()
    assert Enrolment.objects.get(pk=lost.id).state == "active"
    browser.post(f"/programmes/enrolment/{lost.id}/end/", head | {"lost_reason": "1", "lost_note": "去广东"})
    assert "外出打工" in browser.get(f"/programmes/person/{lost.resident_id}/").content.decode()
    residents.close_resident(
        resident_id=dead.resident_id, status="deceased", on=clock.today(), reason="家属报告", actor=world.gp
    )
    deliver_waiting()
    assert Enrolment.objects.get(pk=dead.id).ending == "death"
    page = browser.get(f"/programmes/person/{dead.resident_id}/").content.decode()
    assert f"/programmes/enrolment/{dead.id}/ending/" in page
    died = {"died_on": str(clock.today()), "death_cause": "1"}
    assert "请填写“躯体疾病”" in browser.post(f"/programmes/enrolment/{dead.id}/ending/", died).content.decode()
    browser.post(f"/programmes/enrolment/{dead.id}/ending/", died | {"death_illness": "3"})
    page = browser.get(f"/programmes/person/{dead.resident_id}/").content.decode()
    assert "心脏病" in page and f"/programmes/enrolment/{dead.id}/ending/" not in page
    with pytest.raises(Conflict):
        api.tell_ending(enrolment_id=registered(world, world.person(30)).id, answers={}, actor=world.doctor)


@pytest.mark.django_db
def test_tuberculosis_ends_as_its_closing_says(world: World) -> None:
    """Each reason to stop ends the management for that reason; only finished treatments stand in the rate of regular takers."""
    begun = clock.today() - timedelta(days=180)
    notice = NOTICE | {"treatment_on": str(begun)}
    ended = {}
    for n, (reason, taken) in enumerate((("1", 162), ("1", 161), ("2", 90), ("3", 90), ("4", 90))):
        row = api.enrol(
            resident_id=world.person(44 + n),
            programme="tuberculosis",
            actor=world.doctor,
            answers=notice,
            on=begun,
            reason="补登",
        )
        given = STOPPED | {"stopped_on": str(clock.today()), "stop_reason": reason, "doses_taken": taken}
        api.record_visit(enrolment_id=row.id, stage="closing", answers=given, actor=world.doctor)
        ended[reason, taken] = Enrolment.objects.get(pk=row.id).ending
    assert ended == {
        ("1", 162): "closed",
        ("1", 161): "closed",
        ("2", 90): "death",
        ("3", 90): "lost",
        ("4", 90): "transferred",
    }
    p = programmes()["tuberculosis"]
    told = standing.figures(
        p, next(r for r in p.rates if r.code == "regular"), clock.today().year, clock.today(), None
    )[0]
    assert (told.counts, told.of) == (1, 2) and Visit.objects.filter(stage="closing").count() == 5


@pytest.mark.django_db
def test_a_tumour_in_the_record_makes_a_candidate(world: World) -> None:
    """A diagnosis of a malignant tumour puts the person onto the list; what the definition does not know for sure says so."""
    person = world.person(60)
    seen = records.Visit(occurred_at=clock.now(), complaint="复诊", diagnoses=(("C34.9", "肺恶性肿瘤", False),))
    records.record_visit(resident_id=person, visit=seen, actor=world.doctor)
    deliver_waiting()
    assert Candidate.objects.filter(programme="tumour", resident_id=person, state="waiting").count() == 1
    p = programmes()["tumour"]
    assert p.certainty == "uncertain" and p.uncertain and all(s.certainty == "uncertain" for s in p.stages)
