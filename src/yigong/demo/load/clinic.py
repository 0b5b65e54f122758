"""The desks of a visit and of a stay: who sees patients today, numbers at every stage, people on the wards and gone home."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from yigong.clinic import api as clinic
from yigong.clinic.data import (
    Discharge,
    FrontPageDiagnosisData,
    FrontPageProcedureData,
    NewCharge,
    NewStay,
    VisitNote,
)
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.rights import permissions_of
from yigong.demo.generate.county import Worker
from yigong.demo.load.work import Day, Patient

_ONE = Decimal(1)
COLD = VisitNote(
    "咳嗽、咳痰三天",
    "受凉后咳嗽，咳白痰，无发热。",
    "咽部充血，双肺呼吸音粗。",
    "多饮水，三天后复诊。",
    (("J20.900", "急性支气管炎", False),),
)
PRESSURE = VisitNote(
    "头晕一周",
    "规律服药，血压仍偏高。",
    "血压 156/94 mmHg。",
    "低盐饮食，两周后复诊。",
    (("I10.x00x002", "高血压", True),),
)
COLD_LINES = (
    NewCharge("HY-XCG", _ONE),
    NewCharge("YX-DR-CHEST-PA", _ONE),
    NewCharge("YP-AMBROXOL", Decimal(2), dose="30mg", route="口服", frequency="每日三次", days=7),
)
PRESSURE_LINES = (
    NewCharge("JC-XDT", _ONE),
    NewCharge("YP-AMLODIPINE", Decimal(1), dose="5mg", route="口服", frequency="每日一次", days=28),
)
# Diagnosis, department, days ago, bed; what is charged beside the daily lines; the procedure of those who were operated.
_STAYS = (
    ("J18.900", "肺炎", "NK", 3, "1", ("HY-XCG", "YX-CT-CHEST", "YP-CTRX", "ZL-JMZS")),
    ("I63.900", "脑梗死", "SJ", 6, "1", ("YX-CT-HEAD", "HY-COAG", "YP-CLOPIDOGREL", "KF-YD")),
    ("E11.900", "2型糖尿病", "NK", 2, "2", ("HY-GLU", "HY-HBA1C", "HY-LIPID")),
    ("K35.800", "急性阑尾炎", "WK", 1, "1", ("HY-XCG", "YX-US-ABD")),
)
_LEFT = (
    ("J18.900", "肺炎", "NK", 9, 2, "draft"),
    ("J44.100", "慢性阻塞性肺疾病急性加重", "HX", 11, 1, "completed"),
    ("K35.800", "急性阑尾炎", "WK", 8, 2, "coded"),
    ("I10.x00", "高血压3级", "XN", 7, 1, "coded"),
)
_PAGE = {
    "payment_method": "2.1", "marital_status": "2", "occupation": "27", "contact_name": "家属", "contact_relation": "1",
    "contact_phone": "13900000000", "drug_allergy": "1", "blood_abo": "6", "blood_rh": "4", "readmission_plan": "1",
}  # fmt: skip


def begin(day: Day) -> None:
    """Today's numbers at the county hospital and at the health centre, then the wards."""
    patients = reversed(day.all)
    specialist, gp, desk = day.actor["zhuanke"], day.actor["quanke"], day.actor["guahao"]
    county_desk = worker(day, day.county.at("COUNTY", "registrar")[0])
    for place, doctor, registrar in (("COUNTY", specialist, county_desk), ("T01", gp, desk)):
        _see(day, patients, _sessions(day, place, doctor, registrar), doctor, registrar)
    _stay(day, patients, specialist)
    _stay_at_township(day, patients, gp)


def worker(day: Day, worker: Worker) -> Actor:
    """Somebody of the county without a login."""
    place = day.place(worker.institution)
    department = day.keys.department.get((worker.institution, worker.department)) if worker.department else None
    return Actor(
        name=worker.name, role=worker.role, staff_id=day.keys.staff[worker.code], institution_id=place, department_id=department,
        institution_ids=frozenset({place}), permissions=permissions_of(worker.role),
    )  # fmt: skip


def _sessions(day: Day, place: str, doctor: Actor, registrar: Actor) -> UUID:
    """Today's and tomorrow's sessions of some doctors; the key of the login's own of this morning."""
    role = "specialist" if place == "COUNTY" else "gp"
    others = [worker(day, w) for w in day.county.at(place, role)[:8]]
    chosen = [doctor, *[a for a in others if a.staff_id != doctor.staff_id and a.department_id]]
    own = None
    for who in chosen:
        assert who.staff_id is not None and who.department_id is not None, "a doctor of the demo has a department"
        for ahead in (0, 1):
            for part in ("morning", "afternoon"):
                made = clinic.plan_session(
                    department_id=who.department_id, staff_id=who.staff_id, day=day.today + timedelta(days=ahead), part=part,
                    capacity=20, actor=registrar,
                )  # fmt: skip
                own = own or made.id
    assert own is not None
    return own


def _see(day: Day, patients: Iterator[Patient], session: UUID, doctor: Actor, registrar: Actor) -> None:
    """Two finished, one in the room, three waiting, one cancelled."""
    visits = [
        clinic.register_visit(resident_id=next(patients).id, session_id=session, actor=registrar) for _n in range(7)
    ]
    for visit, note, lines in (
        (visits[0], COLD, COLD_LINES),
        (visits[1], PRESSURE, PRESSURE_LINES),
        (visits[2], COLD, COLD_LINES),
    ):
        clinic.begin_visit(visit_id=visit.id, actor=doctor)
        clinic.save_note(visit_id=visit.id, note=note, actor=doctor)
        clinic.order_lines(visit_id=visit.id, lines=lines, actor=doctor)
        if visit is not visits[2]:
            clinic.finish_visit(visit_id=visit.id, actor=doctor)
    clinic.cancel_visit(visit_id=visits[6].id, reason="患者临时有事", actor=registrar)


def _beds(day: Day, place: str, code: str, actor: Actor, count: int = 6) -> UUID:
    department = day.keys.department[place, code]
    clinic.add_beds(
        department_id=department, numbers=[str(n) for n in range(1, count + 1)], item_code="CW-3R", actor=actor
    )
    return department


def _stay(day: Day, patients: Iterator[Patient], doctor: Actor) -> None:
    """At the county: on four wards, and gone home with front pages at every stage."""
    ward = {code: _beds(day, "COUNTY", code, doctor) for code in ("NK", "SJ", "WK", "XN", "HX")}
    coder = day.actor["zhikong"]
    for code, name, department, days, bed, items in _STAYS:
        _admit(next(patients), doctor, ward[department], code, name, days, bed, items)
    for code, name, department, ago, stayed, state in _LEFT:
        _leave(next(patients), doctor, coder, ward[department], code, name, ago, stayed, state)
    clinic.charge_ward(institution_id=day.place("COUNTY"), actor=doctor)


def _stay_at_township(day: Day, patients: Iterator[Patient], doctor: Actor) -> None:
    """Two people on the health centre's ward."""
    department = _beds(day, "T01", "QK", doctor, 4)
    for code, name, days, bed in (("J20.900", "急性支气管炎", 2, "1"), ("I69.300", "脑梗死后遗症", 4, "2")):
        _admit(next(patients), doctor, department, code, name, days, bed, ("HY-XCG", "ZL-JMZS"))
    clinic.charge_ward(institution_id=day.place("T01"), actor=doctor)


def _admit(
    patient: Patient, doctor: Actor, department: UUID, code: str, name: str, days: int, bed: str, items: tuple[str, ...]
) -> UUID:
    given = NewStay(
        resident_id=patient.id, department_id=department, diagnosis=name, diagnosis_code=code, way_in="2", doctor_id=doctor.staff_id,
        nursing_code="HL-2", bed_id=clinic.free_bed(department, bed) if bed else None,
    )  # fmt: skip
    with clock.travel(-timedelta(days=days)):
        stay = clinic.admit(given=given, actor=doctor)
        assert stay.bill_id is not None
        clinic.charge(bill_id=stay.bill_id, lines=[NewCharge(item, _ONE) for item in items], actor=doctor)
    return stay.id


def _leave(
    patient: Patient,
    doctor: Actor,
    coder: Actor,
    department: UUID,
    code: str,
    name: str,
    ago: int,
    until: int,
    state: str,
) -> None:
    operated = code.startswith("K35")
    items = ("HY-XCG", "YX-US-ABD", "SS-FLWQ", "MZ-QM", "CL-FHX") if operated else ("HY-XCG", "YX-CT-CHEST", "YP-CTRX")
    stay_id = _admit(patient, doctor, department, code, name, ago, "", items)
    with clock.travel(-timedelta(days=until)):
        clinic.order_discharge(stay_id=stay_id, actor=doctor)
        clinic.discharge(stay_id=stay_id, given=Discharge("1", summary=f"{name}，经治疗好转，予以出院。"), actor=doctor)
        if state == "draft":
            return
        act = FrontPageProcedureData(
            "47.0100", "腹腔镜下阑尾切除术", clinic.stay(stay_id).admitted_at + timedelta(hours=5), "3", doctor.staff_id, doctor.name,
            wound="4", anaesthesia="01", anaesthetist=doctor.name,
        )  # fmt: skip
        main = FrontPageDiagnosisData(code, name, "1")
        other = replace(main, code="I10.x00", name="高血压")
        values = {
            **_PAGE,
            "outpatient_code": code,
            "outpatient_name": name,
            "attending_doctor": doctor.name,
            "responsible_nurse": "责任护士",
        }
        clinic.save_front_page(
            stay_id=stay_id, values=values, diagnoses=[main] if code.startswith("I10") else [main, other],
            procedures=[act] if operated else [], actor=doctor,
        )  # fmt: skip
        clinic.complete_front_page(stay_id=stay_id, actor=doctor)
        if state == "coded":
            clinic.code_front_page(stay_id=stay_id, quality_grade="1", actor=coder)
