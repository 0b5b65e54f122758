"""Objects of this room for the guards that walk every address."""

from datetime import date, timedelta
from typing import Any

from tests.guards.world import Sample, World

from yigong.access import api as access
from yigong.core import clock
from yigong.core.ids import new_id
from yigong.core.pictures.tests.test_pictures import photo
from yigong.programmes import api
from yigong.programmes.models import (
    Candidate,
    Check,
    Dose,
    Due,
    Hold,
    Notice,
    SampleDraw,
    SitePicture,
    SyndromeAlarm,
    Visit,
)
from yigong.programmes.tests.world import ANSWERS
from yigong.records import api as records
from yigong.residents import api as residents

NAME, CHILD = "欧阳桂兰", "欧阳小满"


def samples(world: World) -> dict[str, Any]:
    """A woman under management with one visit, one due, a hold, a candidate and a visit to be checked."""
    doctor, place = world.actor("village_doctor"), world.institutions["village"]
    given = residents.NewResident(name=NAME, sex="2", birth_date=date(1955, 8, 9), managing_institution_id=place)
    person = residents.register_resident(given=given, actor=doctor).resident.id
    world.people.append(NAME)
    access.open_relationship(resident_id=person, institution_id=world.institutions["county"], basis="encounter")
    row = api.enrol(resident_id=person, programme="hypertension", actor=doctor, institution_id=place)
    done = api.record_visit(
        enrolment_id=row.id, stage="followup", answers=ANSWERS["hypertension"] | {"sbp": 156}, actor=doctor
    )
    due = Due.objects.get(enrolment_id=row.id, stage="followup", state="open")
    api.hold(enrolment_id=row.id, track="yearly", reason="近期骨折，体检暂缓", actor=doctor)
    held = Hold.objects.get(enrolment_id=row.id)
    candidate = Candidate.objects.create(
        programme="elderly", resident_id=person, institution_id=place, why="71 岁", found_on=date(2026, 1, 5)
    )
    api.draw_sample(since=date(2026, 1, 1), until=done.visit.on, actor=world.actor("quality_manager"))
    check = Check.objects.get(visit_id=done.visit.id)
    _something_to_see(done.visit.id)
    world.things["enrolment"] = row.id
    site, patrol = _place(doctor)
    lot, planned = _vaccine(doctor), _plan(doctor)
    # Somebody to ring, and somebody whom a recall must find.
    soon = done.visit.on + timedelta(days=3)
    Due.objects.filter(pk=due.id).update(opens_on=done.visit.on, due_on=soon, closes_on=soon)
    told = Due.objects.filter(enrolment_id=row.id).exclude(pk=due.id).earliest("id")
    dose = Dose.objects.create(visit_id=done.visit.id, institution_id=place, product="乙肝疫苗", lot="YG2602")
    recall = api.call_back(product="乙肝疫苗", lot="YG2602", reason="召回通知", actor=world.actor("quality_manager"))
    api.try_version(code="hypertension", version="2017.2", actor=world.actor("gp"))
    one, visit, child = (
        {"enrolment_id": row.id},
        {"visit_id": done.visit.id},
        {"enrolment_id": _child(world, doctor, place)},
    )
    return {
        "programmes:mine": Sample(query="?due=open"),
        "programmes:candidates": Sample(query="?programme=elderly"),
        "programmes:decide": Sample(
            {"candidate_id": candidate.id, "action": "decline"}, post={"reason": "已在外地体检"}
        ),
        "programmes:person": Sample({"resident_id": person}),
        "programmes:beside": Sample({"resident_id": person}),
        "programmes:enrol": Sample({"resident_id": person, "code": "elderly"}),
        "programmes:extra": Sample({**one, "stage": "followup"}),
        "programmes:judge": Sample(
            {**one, "stage": "followup"}, post={"sbp": "150", "dbp": "90", "way": "1", "on": done.visit.on.isoformat()}
        ),
        "programmes:card": Sample(one),
        "programmes:card_print": Sample(one),
        "programmes:act": Sample({**one, "action": "attempt"}),
        "programmes:lift": Sample({"hold_id": held.id}, post={"reason": "已恢复"}),
        "programmes:visit": Sample({"due_id": due.id}),
        "programmes:due": Sample({"due_id": due.id, "action": "refuse"}, post={"reason": "本人改在县医院复查"}),
        "programmes:done": Sample(visit),
        "programmes:void": Sample(visit, post={"reason": "录错人"}),
        "programmes:print": Sample(visit),
        "programmes:amend": Sample(visit),
        "programmes:certificate": Sample(child),
        "programmes:print_certificate": Sample(child),
        "programmes:institutions": Sample(query="?q=柳树"),
        "programmes:definition": Sample({"code": "hypertension"}),
        "programmes:effect": Sample({"code": "hypertension"}),
        "programmes:rates": Sample(query="?programme=hypertension"),
        "programmes:rate_rows": Sample({"code": "hypertension", "rate": "standard"}, query="?side=counted"),
        "programmes:stage_rows": Sample({"code": "hypertension", "stage": "followup"}, query="?side=counted"),
        "programmes:sites": Sample(query="?of=health_inspection"),
        "programmes:site_new": Sample({"code": "school_health"}),
        "programmes:site": Sample({"site_id": site}),
        "programmes:site_act": Sample({"site_id": site, "action": "close"}, post={"reason": "学校撤并"}),
        "programmes:site_record": Sample({"site_id": site, "activity": "patrol"}),
        "programmes:activity": Sample({"code": "health_education", "activity": "lecture"}),
        "programmes:record": Sample({"record_id": patrol}),
        "programmes:record_print": Sample({"record_id": patrol}),
        "programmes:site_picture": Sample({"picture_id": SitePicture.objects.get(record=patrol).id}),
        "programmes:plan": Sample({"code": "health_education"}),
        "programmes:plan_draft": Sample({"code": "health_education"}, post={"year": str(planned.year - 1)}),
        "programmes:plan_act": Sample({"plan_id": planned.id, "action": "drop"}, post={"reason": "并入义诊"}),
        "programmes:record_void": Sample({"record_id": patrol}, post={"reason": "登记重复"}),
        "programmes:calls": Sample(),
        "programmes:messages": Sample(),
        "programmes:message_make": Sample(post={"late": "", "programme": ""}),
        "programmes:message_list": Sample({"batch": _told(told)}),
        "programmes:draw_hits": Sample(post={"screen": "repeated", "since": "2026-01-01", "until": "2026-12-31"}),
        "programmes:staff_visits": Sample({"staff_id": done.visit.staff_id}),
        "programmes:settle": Sample({"check_id": check.id}, post={"text": "已重新随访"}),
        "programmes:call": Sample({"due_id": due.id, "result": "no_answer"}, post={}),
        "programmes:warnings": Sample(),
        "programmes:warning": Sample({"alarm_id": _alarm(place)}),
        "programmes:warning_people": Sample({"alarm_id": _cases(person, place, doctor)}),
        "programmes:vaccines": Sample(query="?state=usable"),
        "programmes:vaccine": Sample({"lot_id": lot}),
        "programmes:vaccine_act": Sample({"lot_id": lot, "action": "stop"}, post={"reason": "冰箱超温"}),
        "programmes:vaccine_given": Sample(query="?product=乙肝疫苗&lot=YG2602"),
        "programmes:draw": Sample({"draw_id": SampleDraw.objects.earliest("id").id}),
        "programmes:recalls": Sample(),
        "programmes:recall_new": Sample(query="?lot=YG2602"),
        "programmes:recall": Sample({"recall_id": recall.id}),
        "programmes:recall_contact": Sample(
            {"recall_id": recall.id, "dose_id": dose.id, "outcome": "unreached"}, post={"note": ""}
        ),
        "programmes:recall_act": Sample({"recall_id": recall.id, "action": "close"}, post={"reason": "外出务工"}),
        "programmes:outreach": Sample({"code": "health_inspection"}),
        "programmes:outreach_rows": Sample({"code": "health_inspection"}, query="?rate=problems&side=all"),
        "programmes:outreach_definition": Sample({"code": "health_inspection"}),
        "programmes:note": Sample({"check_id": check.id}, post={"outcome": "real", "note": ""}),
    }


def _child(world: World, doctor: Any, place: Any) -> Any:
    """A child that is vaccinated by the village."""
    given = residents.NewResident(
        name=CHILD, sex="1", birth_date=clock.today() - timedelta(days=200), managing_institution_id=place
    )  # fmt: skip
    person = residents.register_resident(given=given, actor=doctor).resident.id
    world.people.append(CHILD)
    return api.enrol(resident_id=person, programme="vaccination", actor=doctor, institution_id=place).id


def _place(doctor: Any) -> tuple[Any, Any]:
    """A school under watch with a patrol."""
    site = api.add_site(programme="health_inspection", kind="school", name="柳树小学", actor=doctor)
    made = api.record_activity(
        programme="health_inspection", activity="patrol", site_id=site.id, answers={"topic": ["3"], "result": "2", "problem": "晨检漏登"}, actor=doctor,
        photos=[photo((60, 40))],
    )  # fmt: skip
    return site.id, made.id


def _plan(doctor: Any) -> Any:
    """A lecture of next year: this year's plan can still be drafted."""
    on = date(clock.today().year + 1, 3, 24)
    return api.plan_activity(programme="health_education", activity="lecture", on=on, topic="结核病防治", actor=doctor)


def _alarm(place: Any, syndrome: str = "ili", on: date = date(2026, 1, 4)) -> Any:
    """A day that stood out."""
    values = {
        "institution_id": place,
        "syndrome": syndrome,
        "definition": "2026.1",
        "on": on,
        "last_on": on,
    }
    return SyndromeAlarm.objects.create(
        **values, state="open", state_since=clock.now(), version=1, cases=12, limit=6.5
    ).id


def _cases(person: Any, place: Any, doctor: Any) -> Any:
    """A day that stood out, with somebody seen on it."""
    at = clock.now() - timedelta(days=1)
    seen = records.Visit(occurred_at=at, complaint="发热、皮疹", diagnoses=(("B08.4", "手足口病", False),))
    records.record_visit(resident_id=person, visit=seen, actor=doctor)
    return _alarm(place, "rash", at.astimezone(clock.SHANGHAI).date())


def _told(due: Due) -> Any:
    """A list of messages with one visit on it."""
    return Notice.objects.create(due=due, batch=new_id(), on=clock.today(), actor_name="某人").batch


def _vaccine(doctor: Any) -> Any:
    """A lot in stock."""
    given = {
        "product": "乙肝疫苗",
        "manufacturer": "某生物",
        "lot": "YG2601",
        "expires_on": date(2099, 12, 31),
        "doses": 5,
    }
    return api.receive_lot(actor=doctor, key=new_id(), **given).id


def _something_to_see(visit_id: Any) -> None:
    """The same reading three times in a row for the screening, and a grade that the definition would not give today for the preview."""
    visit = Visit.objects.get(pk=visit_id)
    for days in (1, 2):
        copy = Visit.objects.get(pk=visit_id)
        copy.pk, copy.request_key, copy.on = new_id(), None, visit.on - timedelta(days=days)
        copy.save(force_insert=True)
    Visit.objects.filter(pk=visit_id).update(grade="satisfied")
