"""Inpatients: beds, daily lines, transfer, discharge, and the front page to the locked code."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from yigong.clinic import api
from yigong.clinic.commands import day_end
from yigong.clinic.commands.errors import AlreadyInside, BedTaken, NotComplete
from yigong.clinic.data import (
    Discharge,
    FrontPageDiagnosisData,
    FrontPageProcedureData,
    NewCharge,
    NewStay,
    StayData,
)
from yigong.clinic.models import Bed, ChargeLine, Stay
from yigong.clinic.rules import front_page as rules
from yigong.clinic.tests.world import BOSS, World, make_resident
from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.states.api import ReasonMissing, Stale, WrongState
from yigong.core.testing import race
from yigong.records import api as records

ONE = Decimal(1)
VALUES = {
    "payment_method": "2.1", "marital_status": "2", "occupation": "27", "contact_name": "李强", "contact_phone": "13800000000",
    "outpatient_name": "肺炎", "drug_allergy": "1", "blood_abo": "6", "blood_rh": "4", "attending_doctor": "周医生", "responsible_nurse": "吴护士",
    "readmission_plan": "1",
}  # fmt: skip
PNEUMONIA = FrontPageDiagnosisData("J18.900", "肺炎", "1")
PUNCTURE = FrontPageProcedureData("34.9100", "胸腔穿刺术", None)


def bed(world: World, number: str = "1") -> UUID:
    """A bed of the medical ward."""
    api.add_beds(department_id=world.medicine.id, numbers=[number], item_code="CW-3R", actor=BOSS)
    return Bed.objects.get(department_id=world.medicine.id, number=number).id


def wanted(world: World, **more: Any) -> NewStay:
    """An admission to the medical ward."""
    given = NewStay(
        resident_id=world.resident, department_id=world.medicine.id, diagnosis="肺炎", diagnosis_code="J18.900", nursing_code="HL-2",
        doctor_id=world.doctor.staff_id,
    )  # fmt: skip
    return replace(given, **more)


def inside(world: World, days: int = 0, **more: Any) -> StayData:
    """Somebody on the ward since so many days."""
    with clock.travel(-timedelta(days=days)):
        return api.admit(given=wanted(world, **more), actor=world.nurse)


def left(world: World, days: int = 2, **more: Any) -> StayData:
    """Somebody who went home."""
    stay = inside(world, days, **more)
    return api.discharge(stay_id=stay.id, given=Discharge("1"), actor=world.doctor)


def told(outcomes: list[Any]) -> list[str]:
    """What each of a race got."""
    return sorted(type(one).__name__ if isinstance(one, Exception) else "ok" for one in outcomes)


def test_daily_lines_once_a_day_whoever_asks(world: World) -> None:
    """Three days on the ward: bed, nursing and consultation of each day, and nothing more the second time."""
    stay = inside(world, 2, bed_id=bed(world))
    assert api.charge_ward(institution_id=world.county.id, actor=world.nurse) == (1, 9)
    assert api.charge_ward(institution_id=world.county.id, actor=world.nurse) == (0, 0)
    lines = api.bill(stay.bill_id).lines
    assert sorted({line.item_code for line in lines}) == ["CW-3R", "HL-2", "ZC-ZY"]
    assert api.bill(stay.bill_id).total == 3 * (3000 + 2000 + 1200)


def test_the_year_turns_inside_a_stay(world: World) -> None:
    """Lines carry their days, so the settlement can tell the years apart."""
    stay = inside(world, 400)
    api.charge_ward(institution_id=world.county.id, actor=world.nurse)
    years = {line.performed_at.astimezone(clock.SHANGHAI).year for line in api.bill(stay.bill_id).lines}
    assert len(years) == 2
    assert ChargeLine.objects.count() == 401 * 2


def test_discharge_charges_what_is_missing_and_frees_the_bed(world: World) -> None:
    """Not the bed of the last day; the bill waits, the record's encounter is closed, the next patient may have the bed."""
    where = bed(world)
    stay = inside(world, 2, bed_id=where)
    api.order_discharge(stay_id=stay.id, actor=world.doctor)
    done = api.discharge(stay_id=stay.id, given=Discharge("1", summary="好转出院"), actor=world.doctor)
    assert (done.state, done.way_out) == ("discharged", "1")
    bill = api.bill(stay.bill_id)
    assert (bill.total, bill.is_ready, bill.discharged_on) == (2 * 6200, True, clock.today())
    assert records.encounter(stay.encounter_id, actor=world.doctor).status == "finished"
    inside(world, resident_id=make_resident(world.desk, "钱小明"), bed_id=where)


def test_what_a_discharge_refuses(world: World) -> None:
    """No way out, a transfer without a place to go to, a time before the admission or before the last line."""
    stay = inside(world, 1)
    early = clock.now() - timedelta(days=2)
    for given, field in (
        (Discharge(""), "way_out"), (Discharge("3"), "receiving_institution"), (Discharge("1", discharged_at=early), "discharged_at"),
        (Discharge("1", discharged_at=clock.now() + timedelta(hours=1)), "discharged_at"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as refusal:
            api.discharge(stay_id=stay.id, given=given, actor=world.doctor)
        assert field in refusal.value.errors
    api.charge(bill_id=stay.bill_id, lines=[NewCharge("ZL-WH", ONE)], actor=world.nurse)
    with pytest.raises(InvalidInput, match="按提示修改"):
        given = Discharge("1", discharged_at=clock.now() - timedelta(hours=2))
        api.discharge(stay_id=stay.id, given=given, actor=world.doctor)
    assert Stay.objects.get().state == "on_ward"


def test_a_line_outside_the_stay_is_refused(world: World) -> None:
    """Before the admission, and after the discharge."""
    stay = inside(world, 1)
    for days, said in ((3, "早于挂号或入院"), (-1, "晚于现在")):
        line = NewCharge("ZL-WH", ONE, performed_at=clock.now() - timedelta(days=days))
        with pytest.raises(InvalidInput, match=said):
            api.charge(bill_id=stay.bill_id, lines=[line], actor=world.nurse)
    gone = clock.now() - timedelta(minutes=30)
    api.discharge(stay_id=stay.id, given=Discharge("1", discharged_at=gone), actor=world.doctor)
    with pytest.raises(InvalidInput, match="晚于出院"):
        api.charge(bill_id=stay.bill_id, lines=[NewCharge("ZL-WH", ONE)], actor=world.nurse)


def test_transferred_and_kept(world: World) -> None:
    """Another department with a reason; a discharge order taken back; nothing cancelled that was charged."""
    stay = inside(world, bed_id=bed(world))
    with pytest.raises(InvalidInput):
        api.transfer_stay(stay_id=stay.id, department_id=world.surgery.id, reason="", actor=world.nurse)
    moved = api.transfer_stay(stay_id=stay.id, department_id=world.surgery.id, reason="需手术", actor=world.nurse)
    assert (moved.department_id, moved.admission_department_id, moved.bed_number) == (
        world.surgery.id,
        world.medicine.id,
        "",
    )
    api.order_discharge(stay_id=stay.id, actor=world.doctor)
    with pytest.raises(ReasonMissing):
        api.keep_stay(stay_id=stay.id, reason="", actor=world.doctor)
    assert api.keep_stay(stay_id=stay.id, reason="又发热", actor=world.doctor).state == "on_ward"
    with pytest.raises(Conflict, match="已有住院费用"):
        api.cancel_stay(stay_id=stay.id, reason="误办", actor=world.nurse)
    assert api.front_page(stay.id).transfers == (world.medicine.id, world.surgery.id)


def test_an_admission_by_mistake(world: World) -> None:
    """Taken back while nothing was charged; the person can be admitted again."""
    stay = inside(world)
    assert api.cancel_stay(stay_id=stay.id, reason="误办", actor=world.nurse).state == "cancelled"
    assert inside(world).times == 2


def filled(world: World, stay: StayData, **more: Any) -> None:
    """The doctor's part, complete but for what ``more`` takes away."""
    given = {"values": VALUES, "diagnoses": [PNEUMONIA], "procedures": []} | more
    api.save_front_page(stay_id=stay.id, actor=world.doctor, **given)


def test_a_front_page_to_the_lock(world: World) -> None:
    """Gaps by field, completed, sent back, coded with a grade, locked, unlocked with a reason; fees by group from the bill."""
    stay = left(world)
    with pytest.raises(NotComplete) as refusal:
        api.complete_front_page(stay_id=stay.id, actor=world.doctor)
    assert {"payment_method", "condition_0", "blood_abo"} <= set(refusal.value.errors)
    filled(world, stay)
    page = api.complete_front_page(stay_id=stay.id, actor=world.doctor)
    assert (page.state, page.total, page.fees["D13"], page.days) == ("completed", 2 * 3200, 4000, 2)
    with pytest.raises(Forbidden):
        filled(world, stay)
    api.return_front_page(stay_id=stay.id, reason="诊断顺序", actor=world.coder)
    api.complete_front_page(stay_id=stay.id, actor=world.doctor)
    with pytest.raises(InvalidInput):
        api.code_front_page(stay_id=stay.id, quality_grade="", actor=world.coder)
    coded = api.code_front_page(stay_id=stay.id, quality_grade="1", actor=world.coder)
    assert (coded.state, coded.coder_name, coded.quality_grade) == ("coded", world.coder.name, "1")
    with pytest.raises(Conflict, match="锁定"):
        filled(world, stay)
    with pytest.raises(ReasonMissing):
        api.reopen_front_page(stay_id=stay.id, reason="", actor=world.coder)
    assert api.reopen_front_page(stay_id=stay.id, reason="补充病理", actor=world.coder).state == "draft"
    told_once = records.timeline(world.resident, actor=world.doctor, kinds=["condition"])
    assert sum(item.title.startswith("肺炎") for item in told_once.items) == 1


@pytest.mark.parametrize(
    ("diagnoses", "procedures", "values", "field"),
    [
        ([], [], {}, "diagnosis_0"),
        ([replace(PNEUMONIA, code="")], [], {}, "diagnosis_0"),
        ([PNEUMONIA, PNEUMONIA], [], {}, "diagnosis_1"),
        ([replace(PNEUMONIA, admission_condition="")], [], {}, "condition_0"),
        ([replace(PNEUMONIA, code="W19.900")], [], {}, "diagnosis_0"),
        ([replace(PNEUMONIA, code="C34.900")], [], {}, "pathology_name"),
        ([replace(PNEUMONIA, code="S72.000")], [], {}, "external_cause_name"),
        ([PNEUMONIA], [PUNCTURE], {}, "performed_0"),
        ([PNEUMONIA], [replace(PUNCTURE, code="")], {}, "procedure_0"),
        ([PNEUMONIA], [PUNCTURE], {}, "operator_0"),
        ([PNEUMONIA], [], {"drug_allergy": "2"}, "allergy_drugs"),
        ([PNEUMONIA], [], {"readmission_plan": "2"}, "readmission_purpose"),
        ([PNEUMONIA], [], {"newborn_weights": [2995]}, "newborn_weights"),
    ],
)
def test_gaps_name_their_field(world: World, diagnoses: Any, procedures: Any, values: Any, field: str) -> None:
    """One thing wrong, one field to jump to."""
    stay = left(world)
    filled(world, stay)
    assert not [gap for gap in rules.gaps(api.front_page(stay.id)) if gap.blocks]
    filled(world, stay, diagnoses=diagnoses, procedures=procedures, values=VALUES | values)
    assert field in {gap.field for gap in rules.gaps(api.front_page(stay.id)) if gap.blocks}


def test_newborns_and_old_pages(world: World) -> None:
    """A newborn needs weights; a page made from an older version is refused."""
    child = make_resident(world.desk, "张小宝", born=clock.today() - timedelta(days=10))
    stay = left(world, days=1, resident_id=child)
    filled(world, stay)
    fields = {gap.field for gap in rules.gaps(api.front_page(stay.id)) if gap.blocks}
    assert {"newborn_weights", "newborn_admission_weight"} <= fields
    page = api.front_page(stay.id)
    assert (page.age_years, page.age_days) == (0, 9)
    with pytest.raises(Stale):
        filled(world, stay, expected_version=page.version - 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.admit")
def test_two_for_one_bed(world: World) -> None:
    """One lies there; the other is told, and a double click of one admission is one stay."""
    where, other = bed(world), make_resident(world.desk, "钱小明")
    got = race(
        *[
            lambda who=who: api.admit(given=wanted(world, resident_id=who, bed_id=where), actor=world.nurse)
            for who in (world.resident, other)
        ]
    )
    assert told(got) == ["BedTaken", "ok"]
    assert any(isinstance(one, BedTaken) for one in got)
    third, key = make_resident(world.desk, "周小妹"), uuid4()
    again = race(*[lambda: api.admit(given=wanted(world, resident_id=third), actor=world.nurse, request_key=key)] * 2)
    assert again[0].id == again[1].id
    with pytest.raises(AlreadyInside):
        api.admit(given=wanted(world, resident_id=third), actor=world.nurse)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.discharge")
def test_two_discharges(world: World) -> None:
    """One; the other reads who was first. Daily lines are there once."""
    stay = inside(world, 2)
    got = race(*[lambda: api.discharge(stay_id=stay.id, given=Discharge("1"), actor=world.doctor)] * 2)
    assert told(got) == ["WrongState", "ok"]
    assert api.bill(stay.bill_id).total == 2 * 3200


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.charge_ward")
def test_two_nurses_charge_the_ward(world: World) -> None:
    """The lines of each day once."""
    stay = inside(world, 2)
    race(*[lambda: api.charge_ward(institution_id=world.county.id, actor=world.nurse)] * 2)
    assert api.bill(stay.bill_id).total == 3 * 3200


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.transfer_stay")
def test_transferred_while_discharged(world: World) -> None:
    """In some order; a patient who left lies nowhere."""
    stay = inside(world, 1)
    race(
        lambda: api.transfer_stay(stay_id=stay.id, department_id=world.surgery.id, reason="手术", actor=world.nurse),
        lambda: api.discharge(stay_id=stay.id, given=Discharge("1"), actor=world.doctor),
    )
    assert api.stay(stay.id).state == "discharged"
    assert not Stay.objects.get().places.filter(ends_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.save_front_page")
@pytest.mark.race("clinic.complete_front_page")
@pytest.mark.race("clinic.code_front_page")
def test_front_page_by_two(world: World) -> None:
    """Two versions of one page, completed twice, coded twice: one each."""
    stay = left(world)
    version = api.front_page(stay.id).version
    got = race(*[lambda: filled(world, stay, expected_version=version)] * 2)
    assert told(got) == ["Stale", "ok"]
    got = race(*[lambda: api.complete_front_page(stay_id=stay.id, actor=world.doctor)] * 2)
    assert told(got) == ["WrongState", "ok"]
    got = race(*[lambda: api.code_front_page(stay_id=stay.id, quality_grade="1", actor=world.coder)] * 2)
    assert told(got) == ["WrongState", "ok"]
    assert isinstance(next(one for one in got if isinstance(one, Exception)), WrongState)


def test_the_clock_writes_what_the_ward_forgot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the hour of the definition only the days before, after it the day itself; once a day, and never a line twice."""
    monkeypatch.setattr(day_end, "_done", set())
    stay = inside(world, 2, bed_id=bed(world))
    assert stay.bill_id is not None
    today = clock.today()
    with clock.travel(datetime.combine(today, time(9), clock.SHANGHAI) - clock.now()):
        assert day_end.charge_the_day() == 1 and len(api.bill(stay.bill_id).lines) == 6
        assert day_end.charge_the_day() == 0
    with clock.travel(datetime.combine(today, time(22, 5), clock.SHANGHAI) - clock.now()):
        assert day_end.charge_the_day() == 1 and len(api.bill(stay.bill_id).lines) == 9
        monkeypatch.setattr(day_end, "_done", set())
        assert day_end.charge_the_day() == 0 and len(api.bill(stay.bill_id).lines) == 9
