"""Codes, parameters and pure rules of referrals: no database."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import msgspec
from django.utils.translation import gettext_lazy as _

from yigong.core.clock import SHANGHAI
from yigong.core.packs.api import Kind, Table, current, register, rows

DIRECTION = {"up": _("上转"), "down": _("下转"), "lateral": _("平转")}
KIND = {
    "outpatient": _("门诊"),
    "inpatient": _("住院"),
    "examination": _("检查"),
    "laboratory": _("检验"),
    "emergency": _("急诊"),
}
URGENCY = {"routine": _("普通"), "urgent": _("加急"), "emergency": _("急诊绿色通道")}
REASON_UP = {
    "1": _("诊断不明"),
    "2": _("治疗无效"),
    "3": _("病情加重"),
    "4": _("设备技术限制"),
    "5": _("传染病定点"),
    "6": _("孕产妇高危"),
    "7": _("患者要求"),
    "9": _("其他"),
}
REASON_DOWN = {
    "a": _("病情稳定"),
    "b": _("术后康复"),
    "c": _("慢病维持"),
    "d": _("康复护理"),
    "e": _("安宁疗护"),
    "9": _("其他"),
}
REJECT = {
    "1": _("无床"),
    "2": _("非专科范围"),
    "3": _("资料不全"),
    "4": _("病情不宜转运"),
    "5": _("建议其他机构"),
    "6": _("重复申请"),
    "7": _("缺少药品或技术条件"),
    "9": _("其他"),
}
OUTCOME = {
    "1": _("治愈"),
    "2": _("好转"),
    "3": _("转下级"),
    "4": _("继续上转"),
    "5": _("死亡"),
    "6": _("自动离院"),
    "9": _("其他"),
}
TRANSPORT = {"self": _("自行"), "family": _("家属"), "ambulance": _("救护车"), "medical": _("医护陪送")}
PRIORITY = {"none": _("无"), "visit": _("优先就诊"), "examination": _("优先检查"), "admission": _("优先住院")}
INSURANCE = {
    "resident": _("城乡居民医保"),
    "employee": _("职工医保"),
    "self": _("自费"),
    "other": _("其他"),
}
SESSION = {"morning": _("上午"), "afternoon": _("下午"), "evening": _("晚间")}
VITALS = {
    "temperature": (_("体温"), "℃", 30, 45),
    "pulse": (_("脉搏"), "次/分", 0, 300),
    "breath": (_("呼吸"), "次/分", 0, 100),
    "systolic": (_("收缩压"), "mmHg", 0, 350),
    "diastolic": (_("舒张压"), "mmHg", 0, 250),
    "oxygen": (_("血氧饱和度"), "%", 0, 100),
    "gcs": (_("昏迷评分 GCS"), "分", 3, 15),
}
RANK = {"village": 0, "township": 1, "county": 2, "outside": 3}


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """How long the receiver has to answer."""

    emergency_minutes: int
    urgent_hours: int
    routine_hours: int
    routine_expire_hours: int
    holidays: list[date] = []
    workdays: list[date] = []


class Validity(msgspec.Struct, forbid_unknown_fields=True):
    """How long an acceptance holds."""

    routine_days: int
    urgent_days: int
    emergency_days: int


class Feedback(msgspec.Struct, forbid_unknown_fields=True):
    """How soon after treatment the sender hears."""

    outpatient_hours: int
    inpatient_hours: int


class FollowUp(msgspec.Struct, forbid_unknown_fields=True):
    """How soon after the feedback the patient is followed up."""

    chronic_days: int
    other_days: int
    chronic_prefixes: list[str]
    tb_days: int
    tb_prefixes: list[str]


class FirstVisit(msgspec.Struct, forbid_unknown_fields=True):
    """How soon after a down-referral's acceptance the patient is first contacted."""

    days: int
    urgent_days: int
    urgent_prefixes: list[str]


class Emergency(msgspec.Struct, forbid_unknown_fields=True):
    """The green channel."""

    complete_hours: int


class Access(msgspec.Struct, forbid_unknown_fields=True):
    """How long the receiver may still read."""

    days_after_closing: int


class Slots(msgspec.Struct, forbid_unknown_fields=True):
    """How far ahead slots are shown."""

    days_ahead: int


class InsuranceNote(msgspec.Struct, forbid_unknown_fields=True):
    """What the page says about insurance; ``certainty`` is national or local."""

    direction: str
    text: str
    certainty: str


class Parameters(msgspec.Struct, forbid_unknown_fields=True):
    """Everything a county may set."""

    code: str
    version: str
    effective_from: date
    title: str
    own_approval: list[str]
    approval_hours: int
    return_hours: int
    answer: Answer
    validity: Validity
    feedback: Feedback
    follow_up: FollowUp
    first_visit: FirstVisit
    emergency: Emergency
    access: Access
    slots: Slots
    insurance_note: list[InsuranceNote]


class DiseaseLevel(msgspec.Struct, forbid_unknown_fields=True):
    """Which level can treat a group of diagnoses, and what to tell the doctor. Local parameter."""

    prefix: str
    name: str
    level: str
    hint: str


PARAMETERS: Kind[Parameters] = register(Kind("referrals", "referrals.toml", Parameters))
DISEASES: Table[DiseaseLevel] = register(Table("disease_levels", "disease-levels.csv", DiseaseLevel, "prefix"))


def parameters() -> Parameters:
    """What is in force today."""
    return current(PARAMETERS, "referrals")


def direction_of(*, above: bool, below: bool, from_level: str, to_level: str) -> str:
    """The only direction between two institutions. The tree decides where it relates them; else their levels do."""
    if above:
        return "up"
    if below:
        return "down"
    gap = RANK.get(to_level, 2) - RANK.get(from_level, 2)
    return "up" if gap > 0 else "down" if gap < 0 else "lateral"


def skips_a_level(from_level: str, to_level: str) -> bool:
    """Whether an up-referral passes over a level."""
    return RANK.get(to_level, 2) - RANK.get(from_level, 2) > 1


def is_working_day(day: date, answer: Answer) -> bool:
    """Weekdays without holidays, and weekend days that were made working days."""
    return day in answer.workdays or (day.weekday() < 5 and day not in answer.holidays)


def after_working_hours(start: datetime, hours: float, answer: Answer) -> datetime:
    """``hours`` after ``start``, where days off do not count; a working day counts all its 24 hours."""
    at, left = start.astimezone(SHANGHAI), timedelta(hours=hours)
    for _day in range(400):
        midnight = datetime.combine(at.date() + timedelta(days=1), datetime.min.time(), SHANGHAI)
        if is_working_day(at.date(), answer):
            if left <= midnight - at:
                return at + left
            left -= midnight - at
        at = midnight
    raise ValueError("no working day within 400 days: check the holidays of the parameters")


def answer_due(urgency: str, start: datetime, given: Parameters) -> datetime:
    """RF-ANS-E, RF-ANS-U, RF-ANS-R: when the receiver must have answered."""
    if urgency == "emergency":
        return start + timedelta(minutes=given.answer.emergency_minutes)
    if urgency == "urgent":
        return start + timedelta(hours=given.answer.urgent_hours)
    return after_working_hours(start, given.answer.routine_hours, given.answer)


def validity(urgency: str, given: Parameters) -> timedelta:
    """RF-VAL: how long an acceptance without a dated slot holds."""
    days = {"emergency": given.validity.emergency_days, "urgent": given.validity.urgent_days}
    return timedelta(days=days.get(urgency, given.validity.routine_days))


def follow_up_days(code: str, given: Parameters) -> int:
    """RF-CHR, RF-TB, RF-PSY: within how many days the sender follows up."""
    if _starts(code, given.follow_up.tb_prefixes):
        return given.follow_up.tb_days
    return (
        given.follow_up.chronic_days if _starts(code, given.follow_up.chronic_prefixes) else given.follow_up.other_days
    )


def first_visit_days(code: str, given: Parameters) -> int:
    """RF-DOWN1."""
    return given.first_visit.urgent_days if _starts(code, given.first_visit.urgent_prefixes) else given.first_visit.days


def insurance_note(direction: str, given: Parameters) -> InsuranceNote | None:
    """What to say about the deductible."""
    return next((note for note in given.insurance_note if note.direction == direction), None)


def disease_hint(code: str, level: str) -> tuple[DiseaseLevel, bool] | None:
    """The catalogue's line for a diagnosis (longest prefix) and whether an institution of ``level`` should refer it up."""
    known = rows(DISEASES)
    for length in range(len(code), 0, -1):
        if found := known.get(code[:length]):
            return found, RANK.get(level, 2) < RANK.get(found.level, 0)
    return None


def blood_pressure_alarm(vitals: dict[str, float]) -> bool:
    """Whether the blood pressure alone is an emergency up-referral (180/110)."""
    return vitals.get("systolic", 0) >= 180 or vitals.get("diastolic", 0) >= 110


def check_vitals(given: dict[str, object]) -> dict[str, str]:
    """Sentences for implausible values, by field."""
    problems = {}
    for name, value in given.items():
        if name in VITALS and isinstance(value, int | float):
            label, unit, low, high = VITALS[name]
            if not low <= value <= high:
                problems[name] = str(_("%(what)s应在 %(low)s–%(high)s %(unit)s 之间，请核对。")) % {
                    "what": label, "low": low, "high": high, "unit": unit,
                }  # fmt: skip
    return problems


def _starts(code: str, prefixes: Iterable[str]) -> bool:
    return any(code.startswith(prefix) for prefix in prefixes)
