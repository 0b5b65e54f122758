"""Pages of records, as a village doctor and a county doctor meet them."""

import re
from uuid import uuid4

import pytest

from yigong.access.models import ReadLog
from yigong.access.tests.factories import make_person
from yigong.core.events.models import OutboxEvent
from yigong.records import api
from yigong.records.models import Allergy, Condition, Encounter, PrescriptionLine
from yigong.residents.tests.factories import make_resident

pytestmark = pytest.mark.django_db
TYPED = {
    "kind": "home",
    "complaint": "头晕<b>三天</b>",
    "sbp": "186",
    "dbp": "112",
    "pulse": "88",
    "diagnosis_0": "I10.x00x002",
    "diagnosis_0__text": "高血压",
    "diagnosis_1__text": "自己写的诊断",
    "medicine_0": "amlodipine",
    "medicine_0__text": "氨氯地平片",
    "days_0": "28",
    "medicine_4__text": "自备药",
    "advice": "转上级医院",
}


def test_the_village_doctors_visit_by_hand() -> None:
    """186/112: hint while typing, saved whole, the alert with its advice on the page, the timeline shows it."""
    person = make_person("village_doctor")
    client, resident = person.client(), make_resident(person.actor)
    assert "记录就诊" in client.get(f"/records/{resident.id}/").content.decode()
    address = f"/records/{resident.id}/visit/"
    assert "收缩压" in client.get(address).content.decode()
    assert "紧急转诊" in client.post(f"/records/{resident.id}/judge/", TYPED).content.decode()
    key = str(uuid4())
    saved = client.post(address, TYPED | {"idempotency_key": key})
    assert saved.status_code == 302
    assert client.post(address, TYPED | {"idempotency_key": key})["Location"] == saved["Location"]
    page = client.get(saved["Location"]).content.decode()
    assert "血压达到紧急转诊标准" in page
    assert "2 周内主动随访" in page
    assert Encounter.objects.count() == 1
    assert list(Condition.objects.order_by("id").values_list("text", "is_lasting")) == [
        ("高血压", True),
        ("自己写的诊断", False),
    ]
    assert list(PrescriptionLine.objects.order_by("place").values_list("name", "frequency")) == [
        ("氨氯地平片", "每日一次"),
        ("自备药", ""),
    ]
    assert OutboxEvent.objects.filter(name="records.vital_alert").exists()
    shown = client.get(f"/records/{resident.id}/").content.decode()
    assert "头晕&lt;b&gt;三天" in shown
    assert "186 mmHg" in shown


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"sbp": "1860"}, "不合常理"),
        ({"dbp": ""}, "一起填写"),
        ({"sbp": "abc"}, "请填写数字"),
        ({"days_0": "多"}, "请填写数字"),
        ({"days_0": "9999"}, "1–366"),
        ({"occurred_at": "2099-01-01T08:00"}, "不能晚于现在"),
        ({"complaint": "长" * 3000}, "内容过长"),
    ],
)
def test_a_refused_visit_loses_nothing(typed: dict, says: str) -> None:
    """422, the sentence, and everything typed is still in the form."""
    person = make_person("village_doctor")
    resident = make_resident(person.actor)
    answer = person.client().post(f"/records/{resident.id}/visit/", TYPED | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    for kept in ("自己写的诊断", "氨氯地平片", "自备药", "转上级医院"):
        assert kept in page
    assert not Encounter.objects.exists()


def test_the_timeline_goes_on_by_fragments_and_filters() -> None:
    """The next stretch is a fragment; kind and dates narrow it; every look is logged."""
    person = make_person("village_doctor")
    client, resident = person.client(), make_resident(person.actor)
    for n in range(35):
        api.record_visit(resident_id=resident.id, visit=api.Visit(complaint=f"第{n}次"), actor=person.actor)
    page = client.get(f"/records/{resident.id}/").content.decode()
    assert page.count('class="rec-item') == 30
    more = re.search(r'hx-get="(\?before=[^"]+)"', page)
    rest = client.get(f"/records/{resident.id}/{more[1]}", headers={"HX-Request": "true"}).content.decode()
    assert rest.count('class="rec-item') == 5
    assert "<html" not in rest
    assert "没有符合条件" in client.get(f"/records/{resident.id}/?until=2001-01-01").content.decode()
    assert client.get(f"/records/{resident.id}/?kind=nonsense&place=x&since=y").status_code == 200
    assert ReadLog.objects.filter(resident_id=resident.id, action="read_detail", allowed=True).exists()


def test_a_stranger_is_refused_everywhere() -> None:
    """Timeline, encounter, document, results, trend, summary: one answer with a next step."""
    person = make_person("gp")
    resident = make_resident(person.actor)
    visit = api.record_visit(resident_id=resident.id, visit=api.Visit(complaint="咳嗽"), actor=person.actor)
    document = api.add_document(
        resident_id=resident.id, kind="other", title="说明", content={}, text="机密内容", actor=person.actor
    )
    stranger = make_person("gp").client()
    paths = [
        f"{resident.id}/",
        f"encounters/{visit.id}/",
        f"documents/{document.id}/",
        f"{resident.id}/summary/",
        f"{resident.id}/trend/8480-6/",
    ]
    for path in paths:
        answer = stranger.get(f"/records/{path}")
        assert answer.status_code == 403, path
        assert "机密内容" not in answer.content.decode()
    assert stranger.post(f"/records/{resident.id}/visit/", TYPED).status_code == 403


def test_document_versions_are_listed_and_compared() -> None:
    """The old version says so; the difference marks what was taken out and put in."""
    person = make_person("gp")
    client, resident = person.client(), make_resident(person.actor)
    given = {"resident_id": resident.id, "kind": "imaging_report", "title": "胸片报告", "actor": person.actor}
    first = api.add_document(content={}, text="心影正常\n未见异常", **given)
    second = api.add_document(content={}, text="心影正常\n右下肺炎", supersedes=first.id, reason="复核", **given)
    assert "这是旧版本" in client.get(f"/records/documents/{first.id}/").content.decode()
    page = client.get(f"/records/documents/{second.id}/", {"with": first.id}).content.decode()
    assert "<del>未见异常</del>" in page
    assert "<ins>右下肺炎</ins>" in page


def test_allergies_by_page_warn_on_the_file() -> None:
    """Recorded, shown on every page, ended with a ground."""
    person = make_person("village_doctor")
    client, resident = person.client(), make_resident(person.actor)
    typed = {"category": "drug", "substance": "青霉素", "severity": "severe"}
    assert client.post(f"/records/{resident.id}/allergy/", typed).status_code == 302
    assert "青霉素" in client.get(f"/residents/{resident.id}/").content.decode()
    assert "过敏：青霉素" in client.get(f"/records/{resident.id}/visit/").content.decode()
    allergy = Allergy.objects.get()
    address = f"/records/allergies/{allergy.id}/end/"
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "皮试阴性", "back": str(resident.id)}).status_code == 302
    condition = api.add_condition(resident_id=resident.id, text="高血压", is_lasting=True, actor=person.actor)
    assert client.post(f"/records/conditions/{condition.id}/resolve/?wrong=1", {"reason": "录错人"}).status_code == 302
    assert Condition.objects.get().status == "wrong"


def test_other_pages_answer() -> None:
    """Trend, results, summary, pickers, one more line."""
    person = make_person("village_doctor")
    client, resident = person.client(), make_resident(person.actor)
    for sbp in ("150", "140"):
        client.post(f"/records/{resident.id}/visit/", {"kind": "home", "sbp": sbp, "dbp": "90"})
    assert "收缩压、舒张压趋势" in client.get(f"/records/{resident.id}/trend/8480-6/").content.decode()
    assert "还没有数值" in client.get(f"/records/{resident.id}/trend/none/").content.decode()
    assert "在用药品" in client.get(f"/records/{resident.id}/summary/").content.decode()
    group = api.timeline(resident.id, actor=person.actor, kinds=["result"]).items[0]
    assert "90–139" in client.get(f"/records/results/{group.id}/").content.decode()
    assert "I10.x00" in client.get("/records/diagnoses/", {"q": "gxy"}).content.decode()
    assert "amlodipine" in client.get("/records/medicines/", {"q": "氨氯"}).content.decode()
    assert 'name="medicine_7"' in client.post("/records/line/", {"medicine_0": "", "medicine_6": ""}).content.decode()
