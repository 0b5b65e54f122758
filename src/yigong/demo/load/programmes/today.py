"""What is open today: places under watch, health records, vaccine in refrigerators, a feast with many ill."""

# texts: data
from datetime import date, datetime, time, timedelta
from uuid import UUID

from yigong.core.actor import Actor
from yigong.core.ids import new_id
from yigong.demo.generate.keys import CHINA
from yigong.demo.load.programmes.answers import MAKER, lot_of
from yigong.programmes import api
from yigong.records import api as records

# (definition, kind of place, its name, activity, days ago, what was found): all in time but the waterworks' patrol; the restaurant is to be looked at again.
_PLACES: list[tuple[str, str, str, str, int, dict[str, str | list[str]]]] = [
    ("health_inspection", "school", "中心小学", "patrol", 60, {"topic": ["3"], "result": "1"}),
    ("health_inspection", "food", "集镇饭店", "patrol", 12, {"topic": ["1"], "result": "3", "problem": "从业人员健康证过期1人"}),
    ("health_inspection", "water", "集中供水站", "patrol", 104, {"topic": ["2"], "result": "1"}),
    ("school_health", "primary", "中心小学", "check", 47, {
        "pupils": "612", "water": "1", "light": "1", "desks": "1", "toilet": "1", "morning": "1", "vaccine": "1", "absent": "4", "screened": "598",
        "myopia": "187"}),
    ("environmental_health", "plant", "集中供水站", "sample", 33, {
        "point": "1", "turbidity": "0.4", "ph": "7.3", "chlorine": "0.6", "colonies": "12", "coliform": "1", "nitrate": "3.1"}),
    ("occupational_health", "dust", "采石场", "survey", 150, {
        "workers": "38", "exposed": "26", "hazard": ["1", "3"], "declared": "1", "measured": "1", "examined": "26", "suspected": "0", "protection": "1"}),
    ("radiation_health", "hospital", "卫生院放射科", "survey", 118, {
        "devices": "2", "staff": "3", "badges": "3", "licence": "1", "tested": "1", "site_dose": "1", "over": "0"}),
    ("nutrition", "canteen", "中心小学食堂", "survey", 75, {
        "site_type": "1", "people": "240", "stunted": "3", "wasted": "9", "overweight": "41", "anaemia": "6", "salt": "6.2", "oil": "29", "menu": "1"}),
]  # fmt: skip
_LEAFLETS = [("高血压防治折页", "1", 320, 18), ("糖尿病饮食手册", "2", 150, 47), ("流感疫苗接种告知", "1", 480, 70)]
_LECTURES = [("高血压的饮食和运动", 34, 21), ("秋冬季预防流感", 27, 5), ("老年人跌倒预防", 41, 62)]


def watch(actor: Actor, today: date) -> int:
    """Places under watch of one health centre with some patrols, one to be rechecked and one overdue, and what it did for health education."""
    since = today - timedelta(days=200)
    for programme, kind, name, activity, ago, answers in _PLACES:
        site = api.add_site(programme=programme, kind=kind, name=name, actor=actor, since=since)
        api.record_activity(
            programme=programme, activity=activity, site_id=site.id, answers=answers, actor=actor, on=today - timedelta(days=ago)
        )  # fmt: skip
    for topic, people, ago in _LECTURES:
        answers = {
            "topic": topic,
            "place": "卫生院门前",
            "audience": ["2", "3"],
            "people": str(people),
            "asked": "12",
            "asked_of": "18",
            "archive": ["2", "5"],
        }
        api.record_activity(
            programme="health_education",
            activity="lecture",
            answers=answers,
            actor=actor,
            on=today - timedelta(days=ago),
        )
    for title, medium, copies, ago in _LEAFLETS:
        answers = {"title": title, "medium": medium, "copies": str(copies), "place": "卫生院门诊大厅"}
        on = today - timedelta(days=ago)
        api.record_activity(programme="health_education", activity="material", answers=answers, actor=actor, on=on)
    return len(_PLACES)


def open_records(residents: list[UUID], actor: Actor, today: date) -> int:
    """Health records of some people of one health centre, made over the last weeks."""
    for n, resident in enumerate(residents):
        on = today - timedelta(days=3 + n * 4)
        done = api.enrol(resident_id=resident, programme="health_record", actor=actor, on=on)
        blood = {"blood": "3" if n % 2 else "1", "rh": "2"}
        api.record_visit(enrolment_id=done.id, stage="creation", answers=_BASIC | blood, actor=actor, on=on)
    return len(residents)


# The form of basic data of a farmer without anything in particular.
_BASIC = {
    "registered": "1", "education": "7", "occupation": "4", "marriage": "2", "payment": ["3"], "allergies": ["1"], "exposures": ["1"], "past": ["1"],
    "operation": "1", "injury": "1", "transfusion": "1", "family_father": ["2"], "family_mother": ["1"], "family_siblings": ["1"], "family_children": ["1"],
    "hereditary": "1", "disability": ["1"], "kitchen": "2", "fuel": "1", "water": "1", "toilet": "1", "pen": "2", "card": "1",
}  # fmt: skip


# (vaccine, lot, days until it expires, doses, which of the two refrigerators) of the health centre; the village clinic keeps the first two.
_STOCK = [
    ("乙肝疫苗", "YG2603", 420, 40, 0), ("百白破疫苗", "BB2607", 300, 30, 0), ("乙肝疫苗", "YG2511", 35, 6, 0), ("卡介苗", "KJ2602", 200, 20, 0),
    ("麻腮风疫苗", "MS2605", 260, 24, 1), ("脊灰灭活疫苗", "JH2604", 330, 18, 1),
]  # fmt: skip
_RECALLED = "百白破疫苗"


def keep_vaccine(village: Actor, nurse: Actor, manager: Actor, today: date) -> int:
    """Vaccine in two places with a week of temperatures; last night a refrigerator of the health centre was too warm, and a lot that clinics of the
    county gave was called back."""
    since, lots = today - timedelta(days=30), 0
    for actor, names in ((village, ("村卫生室冰箱",)), (nurse, ("1号冰箱", "2号冰箱"))):
        stores = [
            api.add_site(programme="cold_chain", kind="fridge", name=n, actor=actor, since=since).id for n in names
        ]
        for product, lot, days, doses, place in _STOCK if len(names) > 1 else _STOCK[:2]:
            _receive(actor, product, lot, today + timedelta(days=days), doses, stores[place])
            lots += 1
        for ago in range(7, 0, -1):
            for n, store in enumerate(stores):
                _measure(actor, store, "morning", f"{4.2 + 0.1 * (ago % 3) + 0.3 * n:.1f}", today - timedelta(days=ago))
    _measure(nurse, stores[1], "morning", "11.3", today)
    row = _receive(nurse, _RECALLED, lot_of(_RECALLED, today, 1), today + timedelta(days=500), 12, stores[0])
    api.judge_lot(lot_id=row, action="recall", reason="示例：药监部门召回通知", actor=manager)
    return lots + 1


def _receive(actor: Actor, product: str, lot: str, expires: date, doses: int, store: UUID) -> UUID:
    row = api.receive_lot(
        product=product, manufacturer=MAKER, lot=lot, expires_on=expires, doses=doses, actor=actor, key=new_id(), store_id=store
    )  # fmt: skip
    return row.id


def _measure(actor: Actor, store: UUID, activity: str, celsius: str, on: date) -> None:
    answers = {"store": "1", "celsius": celsius}
    api.record_activity(programme="cold_chain", activity=activity, site_id=store, answers=answers, actor=actor, on=on)


def feast(residents: list[UUID], actor: Actor, today: date) -> int:
    """People of one feast came to the health centre yesterday: a day that stands out from its past, found as the clock finds it."""
    at = datetime.combine(today - timedelta(days=1), time(10), CHINA)
    for n, resident in enumerate(residents):
        code, text = ("A09.9", "感染性腹泻") if n % 3 == 0 else ("K52.9", "急性胃肠炎")
        seen = records.Visit(
            occurred_at=at + timedelta(minutes=9 * n), complaint="腹泻、腹痛", diagnoses=((code, text, False),)
        )
        records.record_visit(resident_id=resident, visit=seen, actor=actor)
    return api.watch(today - timedelta(days=1))
