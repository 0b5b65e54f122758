"""Who is under management in the demo county, with a year of follow-ups; what is due today follows from the plan."""

# texts: data
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from yigong.core.actor import Actor, system
from yigong.core.ids import new_id
from yigong.demo.generate.county import LOGINS, County
from yigong.demo.generate.keys import CHINA, chance, key
from yigong.demo.generate.people import Person
from yigong.demo.load.copying import Table
from yigong.demo.load.network import Keys
from yigong.programmes import api
from yigong.programmes.bulk import Past, load
from yigong.programmes.bulk import Person as Managed
from yigong.records import api as records

# Shares under management, in the range surveys of counties report; not the share that fills a report.
_SHARES = {"h": ("hypertension", 0.62), "d": ("diabetes", 0.58), "c": ("copd", 0.42)}
_ELDERLY, _CHILDREN, _VACCINES = 0.58, 0.75, 0.80


class Year:
    """The managed people of the county and their visits up to today."""

    def __init__(self, county: County, keys: Keys, today: date) -> None:
        self.keys, self.today, self.source = keys, today, chance(keys.seed, "programmes")
        self.centres = {i.key: i.parent for i in county.institutions}
        village = LOGINS["cunyi"][1]
        self.doctors = {village: next(w.code for w in county.workers if w.username == "cunyi")}
        for worker in county.workers:
            if worker.role == "village_doctor":
                self.doctors.setdefault(worker.institution, worker.code)
        self.relationships = Table(
            "access.Relationship",
            ("id", "resident_id", "institution_id", "basis", "source", "starts_at", "ends_at", "note"),
        )

    def people(self, residents: list[tuple[Person, UUID]]) -> Iterator[Managed]:
        """Everybody under management, one after the other."""
        for person, resident in residents:
            if person.status != "active":
                continue
            for programme in self._programmes(person):
                yield self._managed(person, resident, programme)
            self._may_see(person, resident)

    def _programmes(self, person: Person) -> list[str]:
        age, draw = person.age(self.today), self.source.random
        found = [
            code
            for letter, (code, share) in _SHARES.items()
            if letter in person.chronic and age >= 35 and draw() < share
        ]
        if age >= 65 and draw() < _ELDERLY:
            found.append("elderly")
        if age <= 6 and draw() < _CHILDREN:
            found.append("child")
        if age <= 6 and draw() < _VACCINES:
            found.append("vaccination")
        return found

    def _managed(self, person: Person, resident: UUID, programme: str) -> Managed:
        source = self.source
        begun = max(person.born, self.today - timedelta(days=source.randrange(40, 700)))
        if programme in {"child", "vaccination"}:
            begun = person.born
        code = self.doctors.get(person.village)
        visits = list(_VISITS[programme](person, begun, self.today, source))
        if programme in {"hypertension", "diabetes"}:
            visits += _yearly(begun, self.today, source)
        if programme in {"child", "vaccination"}:
            visits = self._by_plan(person, programme, begun)
        return Managed(
            resident_id=resident, programme=programme, institution_id=self.keys.institution[person.village], born=person.born, sex=person.sex,
            started_on=begun, staff_id=self.keys.staff[code] if code else None, visits=visits,
        )  # fmt: skip

    def _by_plan(self, person: Person, programme: str, begun: date) -> list[Past]:
        """The checks and doses of a child's age, most of them made."""
        found, size = [], self.source.gauss(0, 0.8)
        for stage in api.programmes()[programme].stages:
            if stage.after != "birth":
                continue
            on = person.born + timedelta(days=round(stage.months * 30.4) + stage.days + self.source.randrange(0, 12))
            recent = (self.today - on).days < 100
            if begun <= on < self.today and not stage.when and not (recent and self.source.random() < 0.35):
                answers = (
                    _child(stage.code, (on - person.born).days / 30.4, size, self.source)
                    if programme == "child"
                    else _dose(stage.title, self.source)
                )
                found.append(Past(stage.code, on, "1", answers))
        return found

    def _may_see(self, person: Person, resident: UUID) -> None:
        since = datetime.combine(self.today - timedelta(days=300), time(9), CHINA)
        for place in (person.village, self.centres[person.village]):
            row = key(self.keys.seed, f"managed/{place}", person.index, since)
            self.relationships.add(
                row,
                resident,
                self.keys.institution[place],
                "programme",
                key(self.keys.seed, "managed", person.index, since),
                since,
                None,
                "公共卫生管理",
            )


def _days(begun: date, today: date, source: Random, step: int = 90) -> Iterator[date]:
    day = max(begun, today - timedelta(days=420)) + timedelta(days=source.randrange(0, 20))
    while day < today:
        if source.random() < 0.93:
            yield day
        day += timedelta(days=step + source.randrange(-8, 14))


def _pressure(person: Person, begun: date, today: date, source: Random) -> Iterator[Past]:
    usual = source.gauss(138, 10)
    for day in _days(begun, today, source):
        sbp = max(96, min(196, round(source.gauss(usual, 7))))
        dbp = max(56, min(114, round(sbp * 0.58 + source.gauss(2, 5))))
        yield Past("followup", day, source.choice("1122223"), {
            "symptoms": ["1"], "danger": ["none"], "sbp": sbp, "dbp": dbp, "heart_rate": source.randrange(62, 88), "weight": round(source.gauss(64, 9), 1),
            "smoking": source.choice((0, 0, 0, 5, 10)), "salt": source.choice("123"), "mind": "1", "compliance": "1",
            "adherence": source.choice("1112"), "reaction": "1", "complication": "1", "medicines": "苯磺酸氨氯地平片 5mg 每日一次",
        })  # fmt: skip


def _sugar(person: Person, begun: date, today: date, source: Random) -> Iterator[Past]:
    usual = source.gauss(6.8, 1.1)
    for day in _days(begun, today, source):
        sbp = round(source.gauss(132, 9))
        yield Past("followup", day, source.choice("112222"), {
            "symptoms": ["1"], "danger": ["none"], "sbp": sbp, "dbp": round(sbp * 0.6), "fpg": round(max(4.2, min(15.5, source.gauss(usual, 0.7))), 1),
            "foot": "1", "weight": round(source.gauss(66, 9), 1), "smoking": source.choice((0, 0, 5)), "adherence": source.choice("1112"), "reaction": "1",
            "hypoglycaemia": source.choice("1112"), "complication": "1", "medicines": "二甲双胍片 0.5g 每日三次",
        })  # fmt: skip


def _lungs(person: Person, begun: date, today: date, source: Random) -> Iterator[Past]:
    for day in _days(begun, today, source):
        yield Past("followup", day, "1", {
            "symptoms": ["2", "3"], "danger": ["none"], "spo2": source.randrange(93, 99), "respiration": source.randrange(16, 24), "sbp": 130, "dbp": 78,
            "moderate": source.choice((0, 0, 1, 2)), "admitted": source.choice((0, 0, 0, 1)), "exacerbation": "1", "cat": source.randrange(4, 24),
            "mmrc": source.randrange(0, 4), "smoking_state": source.choice("123"), "adherence": "1", "reaction": "1", "inhaler": source.choice("12"),
        })  # fmt: skip


def _checkup(person: Person, begun: date, today: date, source: Random) -> Iterator[Past]:
    for year in (today.year - 1, today.year):
        day = date(year, 3, 1) + timedelta(days=source.randrange(0, 240))
        if begun <= day < today and source.random() < 0.45:
            yield Past(
                "tcm", day, "1", {f"q{n}": source.choice("11112") for n in range(1, 34)} | {"tcm_guidance": ["1", "2"]}
            )
        if begun <= day < today and source.random() < 0.85:
            hard = source.random() < 0.12
            yield Past("checkup", day, "1", {
                "self_rated": source.choice("122"), "exercise": source.choice("123"), "smoking_state": "1", "adl_eating": "0", "adl_washing": "1" if hard else "0",
                "adl_dressing": "3" if hard else "0", "adl_toilet": source.choice("15") if hard else "0", "adl_moving": "1" if hard else "0", "cognition": "1",
                "mood": "1", "sbp": round(source.gauss(138, 12)), "dbp": round(source.gauss(80, 8)), "pulse": 74, "height": 160.0, "weight": 62.0, "waist": 84.0,
                "hb": 132, "wbc": 6.1, "plt": 210, "urine": "1", "fpg": round(source.gauss(5.6, 0.8), 1), "alt": 22, "ast": 24, "tbil": 12.0, "cr": 72.0, "bun": 5.4,
                "tc": 4.9, "tg": 1.4, "ldl": 2.9, "hdl": 1.3, "ecg": "1", "ultrasound": "1", "chest": "1", "hba1c": 5.7, "result": "1", "guidance": ["1"],
            })  # fmt: skip


def _yearly(begun: date, today: date, source: Random) -> list[Past]:
    """The yearly examination of most, not of all."""
    days = [date(year, 4, 1) + timedelta(days=source.randrange(0, 200)) for year in (today.year - 1, today.year)]
    return [
        Past("yearly", day, "1", {
            "check_sbp": 136, "check_dbp": 82, "check_weight": 63.0, "check_height": 162.0, "check_glucose": 5.8, "check_ecg": "1", "check_result": "1",
            "check_guidance": ["1"],
        }) for day in days if begun <= day < today and source.random() < 0.8
    ]  # fmt: skip


def _nothing(person: Person, begun: date, today: date, source: Random) -> Iterator[Past]:
    return iter(())


def _child(stage: str, months: float, size: float, source: Random) -> dict[str, Any]:
    if stage == "newborn":
        return {"gestation": 39, "birth_weight": 3.3, "asphyxia": "1", "deformity": "1", "hearing_screen": "1", "disease_screen": "2", "weight": 3.6, "length": 51.0,
                "feeding": "1", "temperature": 36.7, "jaundice": "1", "cord": "2", "exam": "1", "child_guidance": ["1"]}  # fmt: skip
    weight, length = _between(_WEIGHTS, months) * (1 + size * 0.1), _between(_LENGTHS, months) * (1 + size * 0.035)
    return {"weight": round(weight * source.uniform(0.985, 1.015), 1), "length": round(length, 1), "hb": source.randrange(104, 134), "hearing": "9", "vision": "9",
            "rickets": "1", "warning": "1", "illness": ["1"], "child_guidance": ["1"]}  # fmt: skip


# About the median of girls and boys together, by month.
_WEIGHTS = [
    (0, 3.4),
    (1, 4.4),
    (3, 6.5),
    (6, 8.1),
    (12, 9.8),
    (24, 12.3),
    (36, 14.3),
    (48, 16.5),
    (60, 18.7),
    (72, 21.1),
    (84, 23.5),
]
_LENGTHS = [
    (0, 50.7),
    (1, 54.6),
    (3, 61.5),
    (6, 67.9),
    (12, 75.9),
    (24, 87.5),
    (36, 96.8),
    (48, 104.3),
    (60, 111.4),
    (72, 118.1),
    (84, 124.5),
]


def _between(points: list[tuple[int, float]], months: float) -> float:
    after = next((n for n, (m, _v) in enumerate(points) if m >= months and n), len(points) - 1)
    (low, a), (high, b) = points[after - 1], points[after]
    return a + (b - a) * (months - low) / (high - low)


_MAKER = "示例生物制品公司"


def _product(title: str) -> str:
    """The vaccine of a stage that is called after its dose."""
    return title.split("第", maxsplit=1)[0]


def _dose(title: str, source: Random) -> dict[str, Any]:
    return {"contra": "1", "consented": "1", "verified": "1", "product": _product(title), "manufacturer": _MAKER, "lot": f"2026{source.randrange(100, 112)}",
            "expires_on": "2028-06-30", "site": source.choice("12"), "observed": "1"}  # fmt: skip


_VISITS: dict[str, Any] = {
    "hypertension": _pressure, "diabetes": _sugar, "copd": _lungs, "elderly": _checkup, "child": _nothing, "vaccination": _nothing,
}  # fmt: skip


def fill(county: County, keys: Keys, people: list[tuple[Person, UUID]], today: date) -> int:
    """Load the managed people with history, due rows and tasks; returns how many managements."""
    year = Year(county, keys, today)
    done = load(year.people(people), actor=system("demo"), reason="载入示例县公卫管理对象", today=today)
    year.relationships.flush()
    return done


def follow(people: list[tuple[Person, UUID]], today: date) -> None:
    """Candidates (where the county is small) and this year's rates, once the tables have statistics."""
    if len(people) <= 30_000:
        for code in ("hypertension", "diabetes", "copd", "elderly", "child"):
            api.find_candidates(code=code, actor=system("demo"), today=today)
    api.recount(actor=system("demo"), year=today.year, today=today)


_PLACES = [
    ("health_inspection", "school", "中心小学"), ("health_inspection", "food", "集镇饭店"), ("health_inspection", "water", "集中供水站"),
    ("school_health", "primary", "中心小学"), ("environmental_health", "plant", "集中供水站"), ("occupational_health", "dust", "采石场"),
    ("radiation_health", "hospital", "卫生院放射科"), ("nutrition", "canteen", "中心小学食堂"),
]  # fmt: skip
_LEAFLETS = [("高血压防治折页", "1", 320, 18), ("糖尿病饮食手册", "2", 150, 47), ("流感疫苗接种告知", "1", 480, 70)]
_LECTURES = [("高血压的饮食和运动", 34, 21), ("秋冬季预防流感", 27, 5), ("老年人跌倒预防", 41, 62)]


def watch(actor: Actor, today: date) -> int:
    """Places under watch of one health centre with some patrols, one to be rechecked and one overdue, and what it did for health education."""
    since, made = today - timedelta(days=200), 0
    for programme, kind, name in _PLACES:
        site = api.add_site(programme=programme, kind=kind, name=name, actor=actor, since=since)
        made += 1
        if programme == "health_inspection" and kind != "water":
            found = {"result": "3", "problem": "从业人员健康证过期1人"} if kind == "food" else {"result": "1"}
            on = today - timedelta(days=12 if kind == "food" else 60)
            answers = {"topic": ["1" if kind == "food" else "3"], **found}
            api.record_activity(
                programme=programme, activity="patrol", site_id=site.id, answers=answers, actor=actor, on=on
            )
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
    return made


def open_records(residents: list[UUID], actor: Actor, today: date) -> int:
    """Health records of some people of one health centre, made over the last weeks."""
    for n, resident in enumerate(residents):
        on = today - timedelta(days=3 + n * 4)
        done = api.enrol(resident_id=resident, programme="health_record", actor=actor, on=on)
        answers = {"registered": "1", "blood": "3" if n % 2 else "1", "past": ["1"], "allergy_known": "1", "card": "1"}
        api.record_visit(enrolment_id=done.id, stage="creation", answers=answers, actor=actor, on=on)
    return len(residents)


# (vaccine, lot, days until it expires, doses, which of the two refrigerators) of the health centre; the village clinic keeps the first two.
_STOCK = [
    ("乙肝疫苗", "YG2603", 420, 40, 0), ("百白破疫苗", "BB2607", 300, 30, 0), ("乙肝疫苗", "YG2511", 35, 6, 0), ("卡介苗", "KJ2602", 200, 20, 0),
    ("麻腮风疫苗", "MS2605", 260, 24, 1), ("脊灰灭活疫苗", "JH2604", 330, 18, 1),
]  # fmt: skip
_RECALLED = ("乙脑减毒活疫苗", "2026105")


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
    row = _receive(nurse, *_RECALLED, today + timedelta(days=500), 12, stores[0])
    api.judge_lot(lot_id=row, action="recall", reason="示例：药监部门召回通知", actor=manager)
    return lots + 1


def _receive(actor: Actor, product: str, lot: str, expires: date, doses: int, store: UUID) -> UUID:
    row = api.receive_lot(
        product=product, manufacturer=_MAKER, lot=lot, expires_on=expires, doses=doses, actor=actor, key=new_id(), store_id=store
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
