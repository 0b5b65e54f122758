"""The coding desk: group while codes change, questions only with evidence, the doctor's answer."""

from datetime import date, timedelta
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.access import api as access
from yigong.clinic.data import FrontPageDiagnosisData, FrontPageProcedureData
from yigong.core.errors import Forbidden, NotFound
from yigong.core.packs.api import current
from yigong.insurance.claims import api
from yigong.insurance.claims.errors import AlreadyAsked
from yigong.insurance.claims.queries.desk import look
from yigong.insurance.claims.rules.questions import QUESTIONS, Charged, Stay, Value, questions
from yigong.insurance.claims.tests.world import CHARGES, House, sign_in
from yigong.records import api as records
from yigong.records.data import NewResult
from yigong.residents.tests.factories import make_actor
from yigong.tasks.models import Task

DAY = date(2026, 11, 28)
pytestmark = pytest.mark.django_db


def stay(**values: object) -> Stay:
    """A stay with pneumonia and nothing to ask."""
    given: dict = {
        "diagnoses": [("J15.900", "细菌性肺炎")], "procedures": [], "values": [], "charges": [Charged("HY-XCG", "血常规")], "misfit": False,
    }  # fmt: skip
    return Stay(**(given | values))


LOW = Value("2823-3", "血钾", Decimal("2.9"), "2.9 mmol/L", "11-21")
KCL = Charged("YP-KCL", "氯化钾注射液 1g", "11-21", medicine=True)


def test_the_group_follows_the_codes(house: House) -> None:
    """The desk's part answers for other codes than the saved ones, with payment and the way in words."""
    bill = house.stay()
    browser = sign_in(house.coder)
    page = browser.get(f"/claims/desk/{bill.stay_id}/").content.decode()
    assert "E205" in page and "hx-get" in page and "怎样分到这一组" in page
    part = browser.get(f"/claims/desk/{bill.stay_id}/group/", {"diagnoses": "J18.900\nE87.600", "procedures": ""})
    assert "E203" in part.content.decode() and "7,866.00" in part.content.decode()  # 1.0925 × 7,200
    part = browser.get(f"/claims/desk/{bill.stay_id}/group/", {"diagnoses": "Z99.999", "procedures": ""})
    assert "没有可付费的病组" in part.content.decode()


def test_typing_costs_less_than_fifty_milliseconds(house: House) -> None:
    """The whole request of the part while codes change, best of five, in this process's own time (other programs may hold the clock up)."""
    bill = house.stay()
    browser = sign_in(house.coder)
    page = browser.get(f"/claims/desk/{bill.stay_id}/").content.decode()
    carried = page.partition('name="values" value="')[2].partition('"')[0]
    assert carried
    asked = {"diagnoses": "K35.800\nE87.600", "procedures": "47.0900", "values": carried}
    times = []
    for _ in range(5):
        began = process_time()
        answer = browser.get(f"/claims/desk/{bill.stay_id}/group/", asked)
        times.append(process_time() - began)
    assert "G103" in answer.content.decode() and min(times) < 0.05, times


def test_values_of_another_page_are_not_taken(house: House) -> None:
    """What the page carries is signed for its stay and its account."""
    one, other = house.stay(), house.stay()
    browser = sign_in(house.coder)
    page = browser.get(f"/claims/desk/{one.stay_id}/").content.decode()
    carried = page.partition('name="values" value="')[2].partition('"')[0]
    for values in (carried, carried[:-2] + "xx", ""):
        assert browser.get(f"/claims/desk/{other.stay_id}/group/", {"values": values}).status_code == 200


@pytest.mark.parametrize(
    ("key", "raised", "quiet"),
    [
        ("doc:potassium_low", {"values": [LOW], "charges": [KCL]}, {"values": [LOW]}),
        ("doc:potassium_low", {"values": [LOW], "charges": [KCL]}, {"charges": [KCL]}),
        ("doc:potassium_low", {"values": [LOW], "charges": [KCL]}, {"values": [LOW], "charges": [KCL], "diagnoses": [("J15.900", "肺炎"), ("E87.600", "低钾血症")]}),
        ("doc:haemoglobin_low", {"values": [Value("718-7", "血红蛋白", Decimal(80), "80 g/L", "")]}, {"values": [Value("718-7", "血红蛋白", Decimal(90), "90 g/L", "")]}),
        ("doc:glucose_medicine", {"charges": [Charged("YP-METFORMIN", "二甲双胍片", "", medicine=True)]}, {"charges": [Charged("HY-GLU", "二甲双胍浓度测定")]}),
        ("charged:SS-LWQ", {"charges": [Charged("SS-LWQ", "阑尾切除术")]}, {"charges": [Charged("SS-LWQ", "阑尾切除术")], "procedures": [("47.0900", "阑尾切除术")]}),
        ("open:J18.900", {"diagnoses": [("J18.900", "肺炎")], "known_codes": frozenset({"J18.000", "J18.900"})}, {"diagnoses": [("J18.900", "肺炎")], "known_codes": frozenset({"J18.900"})}),
        ("misfit:J15.900:47.0900", {"misfit": True, "procedures": [("47.0900", "阑尾切除术")]}, {"procedures": [("47.0900", "阑尾切除术")]}),
    ],
)  # fmt: skip
def test_each_question_on_both_sides(key: str, raised: dict, quiet: dict) -> None:
    """Raised by its evidence and carries it; not raised when one kind of evidence is missing or the code is there."""
    found = [one for one in questions(stay(**raised), DAY) if one.key == key]
    assert len(found) == 1 and found[0].evidence
    assert key not in {one.key for one in questions(stay(**quiet), DAY)}


@given(
    values=st.lists(st.sampled_from([LOW, Value("718-7", "血红蛋白", Decimal(70), "70", ""), Value("1751-7", "白蛋白", None, "", "")]), max_size=3),
    charges=st.lists(st.sampled_from([KCL, Charged("SS-LWQ", "阑尾切除术"), Charged("ZL-XT-TX", "血液透析"), Charged("X", "别的")]), max_size=4),
    codes=st.lists(st.sampled_from(["J18.900", "E87.600", "D64.900", "I10.x00"]), min_size=1, max_size=3, unique=True),
)  # fmt: skip
def test_no_question_without_evidence(values: list, charges: list, codes: list) -> None:
    """Every question carries rows that are in the record, and none speaks of weight or payment."""
    given_stay = stay(values=values, charges=charges, diagnoses=[(code, code) for code in codes])
    for one in questions(given_stay, DAY):
        assert one.evidence
        rows = " ".join([v.shown for v in values] + [c.name for c in charges] + codes)
        assert all(any(part in rows for part in row.text.replace("：", " ").split()) for row in one.evidence)
        assert not any(word in one.text for word in ("权重", "支付", "分组", "更高"))
    assert not questions(stay(charges=[], diagnoses=[("J15.900", "肺炎")]), DAY)


def test_questions_name_no_code_to_choose() -> None:
    """The pack's questions ask about the record; none names an ICD code."""
    import re

    for one in current(QUESTIONS, "national", DAY).questions:
        assert "病" in one.text and "？" in one.text and not re.search(r"[A-Z]\d{2}", one.text)


def test_results_of_the_stay_raise_a_question(house: House) -> None:
    """A value in the record within the stay is evidence; without the right to the record it is said that none was looked at."""
    bill = house.stay(charges=(*CHARGES, ("YP-KCL", "氯化钾注射液 1g", 500)))
    page = house.pages[bill.stay_id]
    access.open_relationship(resident_id=bill.resident_id, institution_id=house.place.id, basis="encounter")
    records.add_result(
        resident_id=bill.resident_id, title="电解质", results=[NewResult("2823-3", "钾", Decimal("2.9"), unit="mmol/L")],
        actor=make_actor("all", house.place, staff_id=house.doctor.staff_id), occurred_at=page.stay.admitted_at + timedelta(days=1),
    )  # fmt: skip
    found = {one.key: one for one in look(bill.stay_id, actor=house.coder).questions}
    assert "2.9 mmol/L" in found["doc:potassium_low"].evidence[0].text


def test_the_doctor_is_asked_and_answers(house: House) -> None:
    """A task with the evidence for the attending doctor; the answer comes back as a task for who asked; asked once only."""
    bill = house.stay(charges=(*CHARGES, ("SS-LWQ", "阑尾切除术", 90000)))
    row = api.ask_doctor(stay_id=bill.stay_id, key="charged:SS-LWQ", actor=house.coder)
    task = Task.objects.get(kind="claims.question")
    assert (task.staff_id, task.resident_id) == (house.doctor.staff_id, bill.resident_id)
    with pytest.raises(AlreadyAsked):
        api.ask_doctor(stay_id=bill.stay_id, key="charged:SS-LWQ", actor=house.coder)
    with pytest.raises(NotFound):
        api.ask_doctor(stay_id=bill.stay_id, key="doc:potassium_low", actor=house.coder)
    doctor = sign_in(house.doctor)
    assert "阑尾切除术" in doctor.get(f"/claims/questions/{row.id}/").content.decode()
    assert doctor.get("/claims/questions/").status_code == 200
    with pytest.raises(Forbidden):
        api.answer_question(
            question_id=row.id, outcome="documented", answer="", actor=make_actor("specialist", house.place)
        )
    assert (
        doctor.post(f"/claims/questions/{row.id}/", {"outcome": "not_present", "answer": "没有做，退费"}).status_code
        == 302
    )
    task.refresh_from_db()
    assert task.state != "open" and Task.objects.filter(kind="claims.answered", staff_id=house.coder.staff_id).exists()
    assert "没有做，退费" in sign_in(house.coder).get(f"/claims/desk/{bill.stay_id}/").content.decode()


def test_a_principal_diagnosis_that_does_not_fit(house: House) -> None:
    """Pneumonia with an appendectomy is ambiguous for the scheme and raises a question, no suggestion of a code."""
    bill = house.stay(
        procedures=(FrontPageProcedureData("47.0900", "阑尾切除术", None),),
        diagnoses=(FrontPageDiagnosisData("J15.900", "细菌性肺炎", "1"),),
    )
    found = look(bill.stay_id, actor=house.coder)
    assert found.grouping.ambiguous and "misfit" in {one.topic for one in found.questions}
