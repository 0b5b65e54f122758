"""A settled, coded stay behind the doors of clinic and settlement, without their desks: what those rooms would answer."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from yigong.access import api as access
from yigong.access.models import Account
from yigong.clinic import api as clinic
from yigong.clinic.data import (
    BillData,
    ChargeLineData,
    FrontPageData,
    FrontPageDiagnosisData,
    FrontPageProcedureData,
    StayData,
)
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.errors import NotFound
from yigong.core.ids import new_id
from yigong.core.rights import note_decision
from yigong.core.states.api import start
from yigong.insurance.budget.models import WeightSet
from yigong.insurance.budget.rules.states import WEIGHTS
from yigong.insurance.claims.models import SettlementList
from yigong.insurance.settlement import api as settlement
from yigong.insurance.settlement.data import SheetData
from yigong.network import api as network
from yigong.network.models import Institution
from yigong.residents.tests.factories import citizen_number, make_actor, make_institution, make_resident

BORN = date(1958, 3, 4)
_BOSS = system("test")
CATEGORY = {
    "CW": "bed",
    "HY": "laboratory",
    "YX": "examination",
    "SS": "surgery",
    "MZ": "surgery",
    "YP": "drug",
    "HL": "nursing",
}
NATIONAL = {
    "bed": "01",
    "laboratory": "04",
    "examination": "03",
    "surgery": "06",
    "drug": "09",
    "nursing": "07",
    "treatment": "05",
}


@dataclass
class House:
    """What clinic and settlement know; rows by key."""

    place: Institution
    coder: Actor
    clerk: Actor
    doctor: Actor
    department_id: UUID
    pages: dict[UUID, FrontPageData] = field(default_factory=dict)
    bills: dict[UUID, BillData] = field(default_factory=dict)
    sheets: dict[UUID, SheetData] = field(default_factory=dict)
    groups: list[dict[str, Any]] = field(default_factory=list)
    resident: UUID | None = None

    def stay(self, **values: Any) -> BillData:
        """A discharged stay with pneumonia, settled and coded; ``charges`` are (item, name, fen), other values go to the front page."""
        resident = values.pop("resident_id", None) or self.person()
        charges = values.pop("charges", CHARGES)
        stay_values = values.pop("stay", {})
        sheet_values = values.pop("sheet", {})
        stay = self._stay(resident, stay_values)
        bill = _bill(stay, charges)
        page = self._page(stay, bill, values)
        self.pages[stay.id], self.bills[bill.id] = page, bill
        self.sheets[bill.id] = _sheet(bill, sheet_values)
        return bill

    def person(self, name: str = "张桂芳") -> UUID:
        """Somebody with a number."""
        all_rights = make_actor("all", self.place)
        if self.resident is None:
            given = {"birth_date": BORN, "number": citizen_number(BORN, "2"), "ethnicity": "01"}
            self.resident = make_resident(all_rights, name, **given).id
        return self.resident

    def _stay(self, resident: UUID, values: dict[str, Any]) -> StayData:
        ended = clock.now().replace(hour=2, minute=0) - timedelta(days=1)
        given: dict[str, Any] = {
            "id": new_id(), "number": "ZY202611280001", "record_number": "00012345", "times": 1, "resident_id": resident,
            "patient_name": "张桂芳", "patient_sex": "2", "birth_date": BORN, "institution_id": self.place.id,
            "department_id": self.department_id, "admission_department_id": self.department_id, "bed_number": "3", "encounter_id": new_id(),
            "referral_id": None, "way_in": "2", "admitted_at": ended - timedelta(days=7), "diagnosis_code": "J18.900", "diagnosis": "肺炎",
            "doctor_id": self.doctor.staff_id, "doctor_name": self.doctor.name, "state": "discharged", "state_label": "已出院",
            "discharged_at": ended, "way_out": "1", "receiving_institution": "", "bill_id": new_id(),
        }  # fmt: skip
        return StayData(**(given | values))

    def _page(self, stay: StayData, bill: BillData, values: dict[str, Any]) -> FrontPageData:
        born, admitted = stay.birth_date or BORN, stay.admitted_at.astimezone(clock.SHANGHAI).date()
        years = admitted.year - born.year - ((admitted.month, admitted.day) < (born.month, born.day))
        ended = (stay.discharged_at or clock.now()).astimezone(clock.SHANGHAI).date()
        given: dict[str, Any] = {
            "id": new_id(), "state": "coded", "state_label": "已编码锁定", "version": 3, "stay": stay, "resident_id": stay.resident_id,
            "patient_name": stay.patient_name, "sex": stay.patient_sex, "birth_date": born, "age_years": years,
            "age_days": (admitted - born).days if years == 0 else None, "days": max(1, (ended - admitted).days),
            "diagnoses": (FrontPageDiagnosisData("J18.900", "肺炎", "1"), FrontPageDiagnosisData("I10.x00", "原发性高血压", "1")),
            "procedures": (), "transfers": (self.department_id,), "total": bill.total, "occupation": "27", "contact_name": "王建国",
            "contact_relation": "1", "contact_phone": "13800000000", "contact_address": "清溪县", "coder_name": "赵编码",
            "readmission_plan": "1",
        }  # fmt: skip
        return FrontPageData(**(given | values))


CHARGES = (
    ("CW-3R", "三人间床位费", 21000), ("HY-XCG", "血常规", 2000), ("YX-CT-CHEST", "胸部 CT 平扫", 18000), ("YP-AMLODIPINE", "氨氯地平片", 500),
    ("HL-2", "二级护理", 14000), ("YP-CEFUROXIME", "头孢呋辛酯片", 500000),
)  # fmt: skip


def _bill(stay: StayData, charges: tuple[tuple[str, str, int], ...]) -> BillData:
    lines = tuple(
        ChargeLineData(
            id=new_id(), item_code=code, item_name=name, national_code=f"DEMO-{code}", category=CATEGORY.get(code[:2], "treatment"),
            unit="次", unit_price=Decimal(fen) / 100, quantity=Decimal(7 if code.startswith("HL") else 1), amount=fen,
            performed_at=stay.admitted_at + timedelta(days=1), department_id=stay.department_id, staff_id=None,
        )
        for code, name, fen in charges
    )  # fmt: skip
    return BillData(
        id=stay.bill_id or new_id(), number="ZD202611280001", resident_id=stay.resident_id, institution_id=stay.institution_id,
        institution_level="2", encounter_id=stay.encounter_id, kind="inpatient", state="settled", lines=lines,
        admitted_on=stay.admitted_at.date(), discharged_on=stay.discharged_at.date() if stay.discharged_at else None, diagnoses=(),
        total=sum(line.amount for line in lines), stay_id=stay.id,
    )  # fmt: skip


def _sheet(bill: BillData, values: dict[str, Any]) -> SheetData:
    """Everything class A, 75 of 100 from the pool, the rest in cash."""
    lines = tuple(
        {
            "code": one.national_code, "name": one.item_name, "category": NATIONAL[one.category], "class": "A", "amount": one.amount,
            "total": one.amount, "own": 0, "over": 0, "first": 0, "in_scope": one.amount,
        }
        for one in bill.lines
    )  # fmt: skip
    pool = bill.total * 75 // 100
    given: dict[str, Any] = {
        "id": new_id(), "number": "JS20261128000001", "state": "settled", "bill_id": bill.id, "bill_number": bill.number,
        "resident_id": bill.resident_id, "institution_id": bill.institution_id, "scheme": "390", "region": "990100", "kind": "inpatient",
        "level": "2", "settled_on": clock.today(), "settled_at": clock.now(), "cashier_name": "李", "total": bill.total, "own": 0, "over": 0,
        "first_self_pay": 0, "in_scope": bill.total, "relief": 0, "deductible": 0, "institution_part": 0, "person": bill.total - pool,
        "account": 0, "family": 0, "visit_ref": "", "settlement_ref": "", "person_ref": "P0001",
        "funds": {"pool": pool, "large": 0, "critical": 0, "civil": 0, "aid": 0, "tilt": 0, "other": 0},
        "paid": {"cash": bill.total - pool, "card": 0, "online": 0, "deposit": 0}, "lines": lines,
    }  # fmt: skip
    return SheetData(**(given | values))


def make_house(monkeypatch: pytest.MonkeyPatch) -> House:
    """A county hospital whose clinic and settlement answer from the house."""
    place = make_institution("清溪县人民医院", "county")
    department = network.create_department(institution_id=place.id, code="NK", name="内科", specialty="03", actor=_BOSS)
    house = House(
        place=place, coder=_person("quality_manager", place), clerk=_person("insurance_clerk", place),
        doctor=_person("specialist", place), department_id=department.id,
    )  # fmt: skip
    install(house, monkeypatch)
    for year in range(2024, 2028):
        adopt_rate(year)
    return house


def adopt_rate(year: int, rate: int = 720_000) -> None:
    """The budget's rate of a year, in fen per weight."""
    row = WeightSet(
        number=f"FL{year}",
        year=year,
        history=[year - 1],
        cases=1,
        mean=1,
        predicted=1,
        total_weight=1,
        rate=rate,
        made_by="试",
    )
    start(WEIGHTS, row, "adopted", actor=_BOSS)


def _person(role: str, place: Institution) -> Actor:
    staff = network.create_staff(code=f"D{new_id().hex[-9:]}", name=f"试{role[:4]}", sex="1", title="3", actor=_BOSS)
    network.assign_post(staff_id=staff.id, institution_id=place.id, role=role, actor=_BOSS, starts_on=date(2020, 1, 1))
    return make_actor(role, place, staff_id=staff.id)


def install(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer for clinic and settlement from the house."""

    def stay(key: UUID) -> StayData:
        return _known(house.pages, key).stay

    def access_stay(key: UUID, *, actor: Actor) -> StayData:
        note_decision()
        return stay(key)

    monkeypatch.setattr(clinic, "bill", lambda key: _known(house.bills, key))
    monkeypatch.setattr(clinic, "front_page", lambda key: _known(house.pages, key))
    monkeypatch.setattr(clinic, "stay", stay)
    monkeypatch.setattr(clinic, "access_stay", access_stay)
    monkeypatch.setattr(settlement, "sheet_of_bill", house.sheets.get)
    monkeypatch.setattr(settlement, "record_grouping", lambda **values: house.groups.append(values))


def _known(rows: dict[UUID, Any], key: UUID) -> Any:
    if key not in rows:
        raise NotFound()
    return rows[key]


def sign_in(actor: Actor) -> Client:
    """The browser of one of the house's people."""
    assert actor.staff_id is not None
    known = Account.objects.filter(staff_id=actor.staff_id).first()
    if known is None:
        made = access.create_account(
            staff_id=actor.staff_id, username=f"u{actor.staff_id.hex[-10:]}", password="Liu-shu-cun-7", must_change_password=False, actor=_BOSS
        )  # fmt: skip
        known = Account.objects.get(pk=made.id)
    client = Client()
    client.force_login(known)
    return client


def own_values() -> dict[str, str]:
    """What a coder fills in so that a list is whole."""
    return {"setlinfo.bill_code": "530100", "setlinfo.bill_no": "0012345678"}


def whole(house: House, **values: Any) -> SettlementList:
    """A checked list without findings."""
    from yigong.insurance.claims import api

    row = api.build_list(bill_id=house.stay(**values).id, actor=house.coder)
    api.set_own_fields(list_id=row.id, values=own_values(), actor=house.coder)
    return api.check_list(list_id=row.id, actor=house.coder)


__all__ = ["FrontPageProcedureData", "House", "install", "make_house", "own_values", "sign_in", "whole"]
