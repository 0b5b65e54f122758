"""Today's open work, made by the rooms' own commands in the names of the demo logins, so that every desk has something to do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from yigong.access import api as access
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import DomainError
from yigong.demo.generate.county import LOGINS, County
from yigong.demo.generate.keys import chance
from yigong.demo.generate.people import Person
from yigong.demo.generate.pictures import chest_film
from yigong.demo.load import cards, consultation, doubles, hearts, laboratory, review
from yigong.demo.load.network import Keys
from yigong.exchange.dicom.archive import files
from yigong.exchange.dicom.archive.ingest import Intake, Sender, parcel_of_file
from yigong.exchange.dicom.archive.settling import settle
from yigong.exchange.dicom.events import StudyArrived
from yigong.exchange.dicom.matching import match_arrived
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.referrals import api as referrals

_CHEST = orders.ItemInput("DR-CHEST-PA", "胸部正位", "DR", "胸部", 6000, 14)
_NORMAL = {
    "sections": {"findings": "双肺野清晰，未见实质性病变。心影大小形态正常。两膈光整，肋膈角锐利。"},
    "impression": "心肺膈未见明显异常。",
    "positive": False,
    "grade": "A",
}
_SHADOW = {
    "sections": {"findings": "右肺上野见类圆形高密度影，边界尚清。心影不大。两膈光整。"},
    "impression": "右肺上野结节影，建议 CT 进一步检查。",
    "positive": True,
    "grade": "A",
}


@dataclass(frozen=True)
class Patient:
    """A resident with the key."""

    id: UUID
    person: Person


class Day:
    """The desks of the demo logins and the residents of their village and township."""

    def __init__(self, county: County, keys: Keys, people: list[tuple[Person, UUID]], today: date) -> None:
        self.keys, self.today, self.county = keys, today, county
        self.source = chance(keys.seed, "work")
        self.actor = {name: access.actor_of(keys.of("account", name)) for name in LOGINS}
        village, township = LOGINS["cunyi"][1], LOGINS["quanke"][1]
        centres = {i.key: i.parent for i in county.institutions}
        fit = [
            Patient(key, p)
            for p, key in people
            if p.status == "active" and p.contracted and p.age(today) >= 45 and p.number
        ]
        self.all = fit
        self.villagers = iter([p for p in fit if p.person.village == village])
        self.townspeople = iter(
            [p for p in fit if p.person.village != village and centres[p.person.village] == township]
        )

    def place(self, name: str) -> UUID:
        """The key of an institution by the generator's name."""
        return self.keys.institution[name]


def begin(county: County, keys: Keys, people: list[tuple[Person, UUID]], today: date) -> list[str]:
    """Referrals at every station, examinations from request to report, beds and slots for the coming days.

    A refusal costs its own desk and no other; returns what was refused, which is nothing on any day unless a rule changed.
    """
    day = Day(county, keys, people, today)
    refused = []
    for desk in (
        _offer_places,
        _refer_up,
        _refer_down,
        _examine,
        hearts.begin,
        laboratory.begin,
        _open_without_relationship,
        _register_doubles,
        _issue_cards,
        _clinic,
        _counter,
        _sterile,
        _emergency,
        consultation.begin,
        _pathology,
        _roads,
        _doubt_bills,
    ):
        try:
            with transaction.atomic():
                desk(day)
        except DomainError as refusal:
            refused.append(str(refusal))
    return refused


def without_result(patients: Iterable[Patient]) -> Iterator[Patient]:
    """Those who have no chest film that is still valid: a second one would need a reason."""
    return (p for p in patients if not orders.earlier_results(p.id, [_CHEST.code]))


def _clinic(day: Day) -> None:
    from yigong.demo.load import clinic  # the room's part builds on this module

    clinic.begin(day)


def _counter(day: Day) -> None:
    from yigong.demo.load import counter  # builds on the clinic's part

    counter.begin(day)


def _roads(day: Day) -> None:
    from yigong.demo.load import roads  # takes what the desks above left to be brought

    roads.begin(day)


def _sterile(day: Day) -> None:
    from yigong.demo.load import sterile  # needs the townspeople that the desks above left

    sterile.begin(day)


def _emergency(day: Day) -> None:
    from yigong.demo.load import emergency  # needs the villagers and townspeople that the desks above left

    emergency.begin(day)


def _pathology(day: Day) -> None:
    from yigong.demo.load import pathology  # needs the townspeople that the desks above left

    pathology.begin(day)


def _register_doubles(day: Day) -> None:
    doubles.register(day.all, day.actor["guahao"])


def _issue_cards(day: Day) -> None:
    cards.issue(day.all, [day.actor["cunyi"], day.actor["guahao"]])


def _doubt_bills(day: Day) -> None:
    people = [(one.person, one.id) for one in day.all[-8:]]
    places = [day.place(LOGINS[name][1]) for name in ("quanke", "yibao")]
    review.begin(people, places, day.actor["yibao"], day.today)


def _offer_places(day: Day) -> None:
    with clock.travel(-timedelta(days=1)):
        _publish(day, day.actor["zhuanzhen"])


def _publish(day: Day, office: Actor) -> None:
    for code in ("NK", "XN", "SJ", "GK", "WK", "FC"):
        department = day.keys.department["COUNTY", code]
        for ahead in range(1, 7):
            referrals.publish_slots(
                department_id=department, kind="slot", capacity=30, reserved=6, session="morning",
                day=day.today + timedelta(days=ahead), actor=office,
            )  # fmt: skip
        referrals.publish_slots(department_id=department, kind="bed", capacity=40, reserved=4, actor=office)


def _up(day: Day, patient: Patient, **more: object) -> referrals.NewReferral:
    given = referrals.NewReferral(
        direction="up",
        resident_id=patient.id,
        to_institution_id=day.place("COUNTY"),
        to_department_id=day.keys.department["COUNTY", "NK"],
        diagnosis_code="I10.x00",
        diagnosis="原发性高血压",
        reason_code="2",
        reason="规律服药三周，血压仍在 180/110 mmHg 左右，伴头晕。",
        clinical={"vitals": {"systolic": 182, "diastolic": 110, "pulse": 84}, "medicines": "氨氯地平 5mg 每日一次"},
        insurance_type="resident",
        consent_by=patient.person.name,
        consent_relation="本人",
        skip_reason="血压持续升高，本镇无专科",
        confirmed=True,
    )
    return replace(given, **more)  # type: ignore[arg-type]


def _refer_up(day: Day) -> None:
    """Waiting at the county, an emergency just called in, one in treatment, one to be followed up."""
    village, gp, office, specialist = (day.actor[n] for n in ("cunyi", "quanke", "zhuanzhen", "zhuanke"))
    with clock.travel(-timedelta(hours=3)):
        referrals.request_referral(given=_up(day, next(day.villagers)), actor=village)
        referrals.request_referral(given=_up(day, next(day.townspeople), urgency="urgent"), actor=gp)
    with clock.travel(-timedelta(minutes=4)):
        emergency = _up(
            day, next(day.villagers), urgency="emergency", kind="emergency", diagnosis_code="I21.900",
            diagnosis="急性心肌梗死", reason_code="3", reason="胸痛两小时，大汗，心电图 ST 段抬高。", transport="ambulance",
        )  # fmt: skip
        referrals.request_referral(given=emergency, actor=village)
    for patient, ends in ((next(day.villagers), True), (next(day.townspeople), False)):
        with clock.travel(-timedelta(hours=30)):
            row = referrals.request_referral(given=_up(day, patient), actor=village if ends else gp)
            row = referrals.accept(referral_id=row.id, direct_to_emergency=True, doctor=specialist.name, actor=office)
        with clock.travel(-timedelta(hours=4)):
            referrals.arrive(referral_id=row.id, name=patient.person.name, identifier=row.number, actor=office)
            if ends:
                referrals.begin_treatment(referral_id=row.id, actor=specialist)
                referrals.feed_back(
                    referral_id=row.id, outcome_code="2", diagnosis_code="I10.x00", diagnosis="高血压 3 级 很高危",
                    plan="缬沙坦 80mg 每日一次，两周后复查。", agrees=True, actor=specialist,
                )  # fmt: skip


def _refer_down(day: Day) -> None:
    """Two patients come back to the township: one to be taken on, one whose first visit is due."""
    specialist, manager = day.actor["zhuanke"], day.actor["weishengyuan"]
    for accepted in (False, True):
        patient = next(day.townspeople)
        with clock.travel(-timedelta(days=9)):  # as by an admission
            access.open_relationship(
                resident_id=patient.id, institution_id=day.place("COUNTY"), basis="encounter", source=patient.id
            )
        given = referrals.NewReferral(
            direction="down",
            kind="inpatient",
            resident_id=patient.id,
            to_institution_id=day.place("T01"),
            diagnosis_code="I63.900",
            diagnosis="脑梗死恢复期",
            reason_code="b",
            reason="病情平稳，转回卫生院康复治疗。",
            clinical={"plan_text": "阿司匹林、阿托伐他汀口服，肢体康复训练，每周测血压两次。", "recheck": "一月后复查"},
            consent_by=patient.person.name,
            follow_up_on=day.today + timedelta(days=3),
            confirmed=True,
        )
        with clock.travel(-timedelta(hours=2 if not accepted else 20)):
            row = referrals.request_referral(given=given, actor=specialist)
            if accepted:
                referrals.accept(referral_id=row.id, actor=manager)


def _examine(day: Day) -> None:
    """Chest films at the township for the county's centre: asked for, waiting to be read, to be reviewed, reported."""
    gp, village, reader, reviewer = (day.actor[n] for n in ("quanke", "cunyi", "yingxiang", "shenhe"))
    townspeople = without_result(day.townspeople)
    with clock.travel(-timedelta(hours=1)):
        _order(day, next(without_result(day.villagers)), village)
        _order(day, next(townspeople), gp)
    taken = []
    for hours in (26, 22, 5, 3, 1):
        with clock.travel(-timedelta(hours=hours)):
            patient = next(townspeople)
            order = _order(day, patient, gp, priority="urgent" if hours == 1 else "routine")
            _take_picture(day, patient, order, shadow=hours in {26, 3})
            taken.append(order)
    for order, draft, signed in ((taken[0], _SHADOW, True), (taken[1], _NORMAL, False)):
        orders.claim(order_id=order.id, actor=reader)
        orders.submit_report(order_id=order.id, draft=draft, actor=reader)
        if signed:
            orders.sign_report(order_id=order.id, actor=reviewer)


def _order(day: Day, patient: Patient, actor: Actor, priority: str = "routine") -> OrderData:
    return orders.place_order(
        service_code="imaging", resident_id=patient.id, items=[_CHEST], performing_institution_id=day.place("T01"),
        clinical=orders.Clinical("咳嗽、咳痰两周", "高血压病史", "排除肺部病变", "急性支气管炎", "J20.9"),
        answers={"pregnancy": "no"}, actor=actor, priority=priority,
    )  # fmt: skip


def _take_picture(day: Day, patient: Patient, order: OrderData, *, shadow: bool) -> None:
    person = patient.person
    picture = chest_film(
        name=person.name, number=person.number, sex=person.sex, born=person.born, accession=order.accession,
        at=clock.now().astimezone(clock.SHANGHAI), source=day.source, shadow=shadow,
    )  # fmt: skip
    files.prepare()
    stored = Intake(Sender("DEMO-DR", day.place("T01"))).store(parcel_of_file(picture))
    settle(stored.study_id)
    match_arrived(StudyArrived(stored.study_id, stored.study_uid, 1))


def _open_without_relationship(day: Day) -> None:
    """A doctor looked in an emergency; somebody has to review it."""
    access.open_emergency_access(
        resident_id=next(day.villagers).id, reason="患者昏迷送入急诊，需查阅既往史和用药", actor=day.actor["zhuanke"]
    )
