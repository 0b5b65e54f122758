"""Applications for an entitlement through their pages: asked with evidence, sent back, mended, granted, refused; what a grant does at the counter."""

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from yigong.access import api as access
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.errors import DomainError, Forbidden
from yigong.core.testing import race
from yigong.insurance.coverage import api
from yigong.insurance.coverage.models import Application, Entitlement
from yigong.insurance.coverage.tests.test_pages import insured, person, sent, signed_in
from yigong.insurance.settlement.api import Choice, estimate
from yigong.insurance.settlement.tests.clinic_world import charged_bill
from yigong.records import api as records
from yigong.residents.tests import factories
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db
DRUG = "DEMO-YP-SACUBITRIL"


@pytest.fixture(autouse=True)
def _spring() -> Any:
    with clock.travel(date(2026, 5, 20) - clock.today()):
        yield


class House:
    """A county hospital with a doctor and the insurance office, and an insured person who is treated there."""

    def __init__(self) -> None:
        self.place = factories.make_institution("县医院", "county")
        self.doctor = signed_in("specialist", "zhuanke-test", self.place.id)
        self.office = signed_in("insurance_clerk", "yibao-test", self.place.id)
        self.person = person()
        insured(self.person)
        access.open_relationship(resident_id=self.person, institution_id=self.place.id, basis="encounter")

    def ask(self, kind: str, code: str, **given: Any) -> Application:
        """Asked by page."""
        values = {
            "code": code,
            "diagnosis": "慢性心力衰竭",
            "opinion": "射血分数 35%，规范治疗三个月。",
            "starts_on": "2026-05-20",
        } | given
        sent(self.doctor, f"/coverage/people/{self.person}/apply/{kind}/", **values)
        return Application.objects.get(kind=kind, code=code)


@pytest.fixture
def house(db: None) -> House:
    """The hospital."""
    return House()


def decide(client: Client, row: Application, action: str, **given: Any) -> str:
    """What the office presses."""
    return sent(client, f"/coverage/applications/{row.id}/", action=action, **given)


def test_from_the_doctor_to_the_entitlement(house: House) -> None:
    """Evidence as it read then, a task for the office, sent back with a reason, mended, granted with a period, printed; asked twice is refused."""
    clerk = factories.make_actor("all", house.place)
    records.add_condition(resident_id=house.person, code="I50.900", text="心力衰竭", actor=clerk, is_lasting=True)
    paper = {"kind": "home_visit", "title": "心脏超声", "content": {}, "text": "射血分数 35%"}
    records.add_document(resident_id=house.person, actor=clerk, **paper)
    page = house.doctor.get(f"/coverage/people/{house.person}/apply/chronic/").content.decode()
    evidence = sorted(set(re.findall(r'value="((?:condition|document):[^"]+)"', page)))
    code = re.findall(r'<option value="([^"]+)"', page)[0]
    row = house.ask("chronic", code, evidence=evidence)
    read = {one["kind"]: (one["title"], one["lines"]) for one in row.evidence}
    assert "心力衰竭" in read["诊断"][0] and read["文书"][1] == ["射血分数 35%"]
    again = house.doctor.post(
        f"/coverage/people/{house.person}/apply/chronic/",
        {"code": code, "diagnosis": "a", "opinion": "b", "starts_on": "2026-05-20"},
    )
    assert "已有申报" in again.content.decode()
    assert Task.objects.filter(kind="coverage.application", state="open").count() == 1
    assert "王小红" in house.office.get("/coverage/applications/").content.decode()
    assert house.office.post(f"/coverage/applications/{row.id}/", {"action": "return", "reason": ""}).status_code == 422
    assert "缺近期心脏超声" in decide(house.office, row, "return", reason="缺近期心脏超声")
    assert Task.objects.get(kind="coverage.returned").state == "open"
    mended = {
        "code": code,
        "diagnosis": "慢性心力衰竭",
        "opinion": "补心脏超声：射血分数 35%。",
        "starts_on": "2026-05-20",
        "evidence": evidence,
    }
    sent(house.doctor, f"/coverage/applications/{row.id}/mend/", **mended)
    page = house.office.get(f"/coverage/applications/{row.id}/").content.decode()
    assert "补心脏超声" in page and 'value="2028-05-19"' in page
    decide(house.office, row, "grant", starts_on="2026-05-20", last_on="2028-05-19", opinion="符合")
    row.refresh_from_db()
    assert row.entitlement is not None and row.entitlement.ends_on == date(2028, 5, 20)
    assert api.coverage_on(house.person, clock.today()).diseases("chronic") == {code}
    assert not Task.objects.filter(kind__startswith="coverage.", state="open").exists()
    assert house.doctor.get(f"/coverage/applications/{row.id}/print/").content[:4] == b"%PDF"
    assert "已认定" in house.doctor.get(f"/coverage/people/{house.person}/").content.decode()


def test_care_elsewhere_refused_and_recalled(house: House) -> None:
    """Where to must be said; refused with a reason; another one recalled by who asked; nobody of another house sees it; the applicant does not decide."""
    address = f"/coverage/people/{house.person}/apply/elsewhere/"
    empty = {"code": "registered", "diagnosis": "肺癌", "opinion": "本县不能放疗", "starts_on": "2026-05-20"}
    assert house.doctor.post(address, empty).status_code == 422
    row = house.ask("elsewhere", "registered", destination="省肿瘤医院")
    assert signed_in("specialist", "wai-test").get(f"/coverage/applications/{row.id}/").status_code == 404
    decide(house.office, row, "refuse", reason="本县可以治疗")
    sent(house.doctor, address, **empty, destination="省肿瘤医院")
    other = Application.objects.get(state="asked")
    decide(house.doctor, other, "recall", reason="患者改变主意")
    assert not Entitlement.objects.exists()
    assert {one.state for one in Application.objects.all()} == {"refused", "recalled"}


def test_a_dual_channel_drug_is_paid_once_it_is_granted(house: House) -> None:
    """Before: the person's own, and the bill says what to do; after the grant: class B with its first self-pay."""
    chosen = factories.make_institution("石桥镇卫生院")
    since = date(2026, 1, 1)
    api.register_entitlement(
        resident_id=house.person, kind="institution", institution_id=chosen.id, starts_on=since, actor=system("test")
    )
    bill = charged_bill(house.person, "王小红", chosen.id, [("YP-SACUBITRIL", Decimal(1))])
    before = estimate(bill_id=bill, choice=Choice(kind="pooling"))
    assert before.figures.own == before.figures.total and "没有认定" in before.lines[0]["warning"]
    row = house.ask("drug", DRUG)
    decide(house.office, row, "grant", starts_on="2026-05-20", last_on="2026-11-19", opinion="")
    after = estimate(bill_id=bill, choice=Choice(kind="pooling"))
    assert (after.figures.own, after.figures.first_self_pay) == (0, after.figures.total * 20 // 100)


@pytest.mark.race("coverage.apply")
@pytest.mark.race("coverage.grant")
@pytest.mark.race("coverage.answer")
@pytest.mark.django_db(transaction=True)
def test_asked_and_decided_at_once() -> None:
    """Two doctors ask for the same: one application. Granted by two and refused by a third in the same instant: one of them, one entitlement at most."""
    house = House()
    doctor = factories.make_actor("specialist", house.place)

    def ask() -> Any:
        # Each connection has a clock of its own.
        given = api.NewApplication("drug", DRUG, "心力衰竭", "依据", clock.today())
        return _or_refused(lambda: api.apply(resident_id=house.person, given=given, actor=doctor))

    assert sum(isinstance(one, DomainError) for one in race(ask, ask)) == 1
    row = Application.objects.get()
    office: Actor = factories.make_actor("insurance_clerk", house.place)
    period = {"application_id": row.id, "starts_on": clock.today(), "ends_on": None, "actor": office}
    acts = [lambda: _or_refused(lambda: api.grant(**period))] * 2
    acts.append(
        lambda: _or_refused(lambda: api.answer(application_id=row.id, action="refuse", reason="不符", actor=office))
    )
    assert sum(isinstance(one, DomainError) for one in race(*acts)) == 2
    row.refresh_from_db()
    assert row.state in ("granted", "refused") and Entitlement.objects.count() == (row.state == "granted")


def _or_refused(act: Any) -> UUID | DomainError | None:
    try:
        return act()
    except DomainError as refusal:
        return refusal


def test_nobody_decides_on_the_own(house: House) -> None:
    """A clerk who also treats does not grant what they asked for."""
    both = factories.make_actor("all", house.place, staff_id=UUID(int=7))
    given = api.NewApplication("drug", DRUG, "心力衰竭", "依据", clock.today())
    key = api.apply(resident_id=house.person, given=given, actor=both)
    with pytest.raises(Forbidden, match="自己"):
        api.grant(application_id=key, starts_on=clock.today(), ends_on=None, actor=both)
