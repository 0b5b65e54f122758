"""Today's ECGs at each station, of synthetic hearts (``centres.ecg.signals.synthetic``): nobody's recording."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from yigong.centres.ecg.commands import receiving
from yigong.centres.ecg.signals.synthetic import Heart, as_dicom, synthesise
from yigong.centres.ecg.signals.tracing import Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.demo.generate.people import Person
from yigong.exchange.dicom.archive import files
from yigong.exchange.dicom.archive.ingest import Intake, Sender, parcel_of_file
from yigong.exchange.dicom.archive.settling import settle
from yigong.exchange.dicom.events import StudyArrived
from yigong.exchange.dicom.matching import match_arrived
from yigong.orders import api as orders
from yigong.orders.data import OrderData

_REST = orders.ItemInput("ECG-12", "常规十二导联心电图", "REST", "心脏", 2000, 7)
_HOLTER = orders.ItemInput("ECG-HOLTER24", "动态心电图 24 小时", "HOLTER", "心脏", 18000, 30)
INFERIOR = Heart(st={"II": 260, "I": -70, "V5": -60}, rate=88, qt=360)
_NORMAL, _FAST = Heart(), Heart(rate=104, pr=140, qt=320)
_FIBRILLATION = Heart(irregular=0.22, atrial=False, rate=95, qt=350)
_LEFT, _BLOCK, _SLOW = Heart(left_axis=True, rate=64), Heart(pr=230, rate=62, qt=400), Heart(rate=46, qt=440)
_WORDS: tuple[tuple[Heart, tuple[str, str, bool]], ...] = (
    (_NORMAL, ("窦性心律，节律规整，各波段未见异常。", "窦性心律，正常心电图。", False)),
    (_FIBRILLATION, ("P 波消失，代以 f 波，RR 间距绝对不等。", "心房颤动。", True)),
    (_LEFT, ("窦性心律，电轴左偏。", "窦性心律，电轴左偏。", True)),
    (_BLOCK, ("窦性心律，PR 间期延长。", "一度房室传导阻滞。", True)),
    (INFERIOR, ("窦性心律，II、III、aVF 导联 ST 段抬高 0.25 mV,I 导联压低。", "下壁导联 ST 段抬高，疑似急性下壁心肌梗死。", True)),
)  # fmt: skip


def _said(heart: Heart) -> tuple[str, str, bool]:
    """What a reader writes about this heart: findings, conclusion, whether it is positive."""
    return next(words for known, words in _WORDS if known is heart)


class Hearts:
    """The desks at which ECGs are asked for, recorded and read."""

    def __init__(self, day: Any) -> None:
        self.day, self.seed = day, 0
        self.village, self.nurse = day.actor["cunyi"], day.actor["hushi"]
        self.gp, self.reader = day.actor["quanke"], day.actor["xindian"]

    def ask(
        self, patient: Any, actor: Actor, *, item: orders.ItemInput = _REST, pain: str = "no", **more: Any
    ) -> OrderData:
        """An order at the actor's own institution."""
        assert actor.institution_id
        return orders.place_order(
            service_code="ecg", resident_id=patient.id, items=[item], performing_institution_id=actor.institution_id,
            clinical=orders.Clinical("胸闷、心悸", "高血压病史", "排除心肌缺血与心律失常", "胸闷待查", "R07.4"),
            answers={"chest_pain": pain}, actor=actor, **more,
        )  # fmt: skip

    def record(self, patient: Any, order: OrderData | None, heart: Heart, actor: Actor, *, pain: str = "no") -> None:
        """A file uploaded where the order is performed."""
        condition = {"chest_pain": pain, "systolic": 142, "diastolic": 88} if order else None
        receiving.upload(
            content=self._file(patient.person, heart, order.accession if order else ""), file_name="ECG0001.DCM",
            order_id=order.id if order else None, condition=condition, actor=actor,
        )  # fmt: skip

    def send(self, patient: Any, order: OrderData, heart: Heart) -> None:
        """A device at the township sends it to the archive."""
        files.prepare()
        stored = Intake(Sender("DEMO-ECG", self.day.place("T01"))).store(
            parcel_of_file(self._file(patient.person, heart, order.accession))
        )
        settle(stored.study_id)
        match_arrived(StudyArrived(stored.study_id, stored.study_uid, 1))

    def read(self, order: OrderData, heart: Heart, *, sign: bool = True) -> None:
        """The county's reader writes and signs."""
        findings, impression, positive = _said(heart)
        sections = {"findings": findings, "heart_rate": str(round(heart.rate)), "qrs": str(round(heart.qrs))}
        draft = {"sections": sections, "impression": impression, "positive": positive, "grade": "A"}
        orders.claim(order_id=order.id, actor=self.reader)
        orders.submit_report(order_id=order.id, draft=draft, actor=self.reader)
        if sign:
            orders.sign_report(order_id=order.id, actor=self.reader)

    def _file(self, person: Person, heart: Heart, accession: str) -> bytes:
        self.seed += 1
        who = Subject(person.number, person.name, {"1": "M", "2": "F"}.get(person.sex, ""), person.born)
        at = clock.now().astimezone(clock.SHANGHAI)
        return as_dicom(synthesise(heart, seed=self.seed, taken_at=at, subject=who), accession=accession, step=2.5)


def begin(day: Any) -> None:
    """Asked for, waiting, at the head of the list, to be signed a second time, reported, alarmed, sent back, without an order."""
    desk = Hearts(day)
    known = next(day.villagers)
    with clock.travel(-timedelta(days=12)):
        _reported(desk, known, _NORMAL, desk.village)
    with clock.travel(-timedelta(minutes=25)):
        desk.ask(next(day.villagers), desk.village)
        desk.ask(next(day.townspeople), desk.gp)
    for minutes, heart in ((18, _FAST), (12, _SLOW)):
        patient = next(day.townspeople)
        with clock.travel(-timedelta(minutes=minutes)):
            order = desk.ask(patient, desk.gp)
            (desk.send if heart is _FAST else _recorded(desk))(patient, order, heart)
    with clock.travel(-timedelta(minutes=2)):
        order = desk.ask(known, desk.village, pain="now", priority="urgent", repeat_reason_code="1")
        desk.record(known, order, INFERIOR, desk.village, pain="now")
    for hours, heart in ((20, _FIBRILLATION), (5, _LEFT), (3, _BLOCK)):
        with clock.travel(-timedelta(hours=hours)):
            _reported(desk, next(day.townspeople), heart, desk.gp)
    patient = next(day.townspeople)
    with clock.travel(-timedelta(hours=6)):
        order = desk.ask(patient, desk.gp, item=_HOLTER)
        desk.record(patient, order, _NORMAL, desk.nurse)
        desk.read(order, _NORMAL, sign=False)
    _alarmed(desk, next(day.townspeople))
    patient = next(day.villagers)
    with clock.travel(-timedelta(minutes=40)):
        order = desk.ask(patient, desk.village)
        desk.record(patient, order, _NORMAL, desk.village)
        orders.claim(order_id=order.id, actor=desk.reader)
        orders.reject_images(order_id=order.id, reason_code="reversal", actor=desk.reader)
        desk.record(next(day.villagers), None, _SLOW, desk.village)


def _recorded(desk: Hearts) -> Any:
    return lambda patient, order, heart: desk.record(patient, order, heart, desk.nurse)


def _reported(desk: Hearts, patient: Any, heart: Heart, actor: Actor) -> UUID:
    order = desk.ask(patient, actor)
    desk.record(patient, order, heart, actor)
    desk.read(order, heart)
    return order.id


def _alarmed(desk: Hearts, patient: Any) -> None:
    """A heart attack found in the morning, answered and sent on."""
    with clock.travel(-timedelta(hours=4)):
        order = desk.ask(patient, desk.gp, pain="now", priority="urgent")
        desk.record(patient, order, INFERIOR, desk.nurse, pain="now")
        orders.claim(order_id=order.id, actor=desk.reader)
        value = orders.flag_critical(
            order_id=order.id, item="acs_st_elevation", detail="II、III、aVF 导联 ST 段抬高 0.25 mV", actor=desk.reader
        )
    with clock.travel(-timedelta(hours=4) + timedelta(minutes=2)):
        orders.acknowledge_critical(critical_id=value.id, read_back=True, actor=desk.gp)
    with clock.travel(-timedelta(hours=4) + timedelta(minutes=9)):
        orders.act_on_critical(
            critical_id=value.id, measure="transfer", text="阿司匹林 300mg 嚼服，救护车转县医院", actor=desk.gp
        )
        findings, impression, positive = _said(INFERIOR)
        draft = {"sections": {"findings": findings}, "impression": impression, "positive": positive, "grade": "A"}
        orders.submit_report(order_id=order.id, draft=draft, actor=desk.reader)
        orders.sign_report(order_id=order.id, actor=desk.reader)
