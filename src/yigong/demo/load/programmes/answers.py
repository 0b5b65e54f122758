"""What was written down at the visits of a year: readings around each person's own mean, in the manner of the house."""

# texts: data
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from yigong.demo.generate.keys import CHINA
from yigong.demo.load.programmes.manners import Manner
from yigong.programmes.bulk import Past

_MEDICINES = {
    "h": ("苯磺酸氨氯地平片 5mg 每日一次", "缬沙坦胶囊 80mg 每日一次", "硝苯地平控释片 30mg 每日一次", "苯磺酸氨氯地平片 5mg 每日一次；缬沙坦胶囊 80mg 每日一次"),
    "d": ("二甲双胍片 0.5g 每日三次", "格列美脲片 2mg 每日一次", "二甲双胍片 0.5g 每日三次；阿卡波糖片 50mg 每日三次"),
}  # fmt: skip


def days(begun: date, until: date, manner: Manner, source: Random, step: int = 90) -> Iterator[date]:
    """The days of visits about every three months of the last fourteen; some were left out."""
    day = max(begun, until - timedelta(days=420)) + timedelta(days=source.randrange(0, 20))
    while day < until:
        if source.random() < manner.diligence:
            yield day
        day += timedelta(days=step + source.randrange(-8, 12))


def entered(on: date, until: date, way: str, manner: Manner, source: Random) -> dict[str, Any]:
    """When a visit was typed in: the same afternoon, some weeks later where the house is tardy, at night where it has that habit."""
    hour, late = 9 + source.randrange(0, 8), 0
    if source.random() < manner.tardy:
        late = 9 + source.randrange(0, 25)
    if manner.habit == "night" and way == "2" and source.random() < 0.4:
        hour = 23
    day = on + timedelta(days=late)
    if day >= until:
        return {}
    return {"recorded_at": datetime.combine(day, time(hour, source.randrange(0, 60)), CHINA)}


def way(manner: Manner, source: Random) -> str:
    """In the clinic, at home or by telephone."""
    return "3" if source.random() < manner.phone else source.choice("112222")


def rounded(sbp: int, manner: Manner) -> int:
    """A reading as it was written down: to the next five where nobody looks closely."""
    return round(sbp / 5) * 5 if manner.habit == "round" else sbp


def pressure(begun: date, until: date, manner: Manner, source: Random) -> Iterator[Past]:
    """A person with high blood pressure: who takes his medicine regularly lies lower."""
    usual, medicines = source.gauss(137 + manner.pressure, 10), source.choice(_MEDICINES["h"])
    weight, careless = round(source.gauss(64, 9), 1), source.random() < 0.2
    copied = manner.habit == "copied" and source.random() < 0.5
    last: tuple[int, int] | None = None
    for day in days(begun, until, manner, source):
        sbp = max(96, min(196, round(source.gauss(usual + (8 if careless else 0), 7))))
        dbp = max(56, min(114, round(sbp * 0.58 + source.gauss(2, 5))))
        sbp, dbp = last if copied and last else (rounded(sbp, manner), dbp)
        last, how = (sbp, dbp), way(manner, source)
        yield Past("followup", day, how, {
            "symptoms": ["1"], "danger": ["none"], "sbp": sbp, "dbp": dbp, "heart_rate": source.randrange(62, 88), "weight": round(weight + source.gauss(0, 0.8), 1),
            "smoking": source.choice((0, 0, 0, 5, 10)), "salt": source.choice("123"), "mind": "1", "compliance": "1",
            "adherence": source.choice("2223" if careless else "1111112"), "reaction": source.choice("1" * 40 + "2"), "complication": "1",
            "medicines": medicines,
        }, **entered(day, until, how, manner, source))  # fmt: skip


def sugar(begun: date, until: date, manner: Manner, source: Random) -> Iterator[Past]:
    """A person with type-2 diabetes."""
    usual, medicines = source.gauss(6.8 + manner.sugar, 1.1), source.choice(_MEDICINES["d"])
    weight = round(source.gauss(66, 9), 1)
    for day in days(begun, until, manner, source):
        sbp, how = rounded(round(source.gauss(132 + manner.pressure, 9)), manner), way(manner, source)
        yield Past("followup", day, how, {
            "symptoms": ["1"], "danger": ["none"], "sbp": sbp, "dbp": round(sbp * 0.6), "fpg": round(max(4.2, min(15.5, source.gauss(usual, 0.7))), 1),
            "foot": "1", "weight": round(weight + source.gauss(0, 0.8), 1), "smoking": source.choice((0, 0, 5)), "adherence": source.choice("1112"), "reaction": "1",
            "hypoglycaemia": source.choice("1112"), "complication": "1", "medicines": medicines,
        }, **entered(day, until, how, manner, source))  # fmt: skip


def lungs(begun: date, until: date, manner: Manner, source: Random) -> Iterator[Past]:
    """A person with chronic obstructive lung disease."""
    for day in days(begun, until, manner, source):
        yield Past("followup", day, "1", {
            "symptoms": ["2", "3"], "danger": ["none"], "spo2": source.randrange(93, 99), "respiration": source.randrange(16, 24), "sbp": 130, "dbp": 78,
            "moderate": source.choice((0, 0, 1, 2)), "admitted": source.choice((0, 0, 0, 1)), "exacerbation": "1", "cat": source.randrange(4, 24),
            "mmrc": source.randrange(0, 4), "smoking_state": source.choice("123"), "adherence": source.choice("1112"), "reaction": "1", "inhaler": source.choice("12"),
        }, **entered(day, until, "1", manner, source))  # fmt: skip


def checkup(begun: date, until: date, manner: Manner, source: Random) -> Iterator[Past]:
    """An elder's yearly check-up and, for many, the constitution by traditional medicine."""
    for year in (until.year - 1, until.year):
        day = date(year, 3, 1) + timedelta(days=source.randrange(0, 240))
        if begun <= day < until and source.random() < manner.elders - 0.15:
            yield Past(
                "tcm", day, "1", {f"q{n}": source.choice("11112") for n in range(1, 34)} | {"tcm_guidance": ["1", "2"]}
            )
        if begun <= day < until and source.random() < manner.yearly:
            hard = source.random() < 0.12
            yield Past("checkup", day, "1", examined(manner, source) | {
                "self_rated": source.choice("122"), "adl_eating": "0", "adl_washing": "1" if hard else "0", "adl_dressing": "3" if hard else "0",
                "adl_toilet": source.choice("15") if hard else "0", "adl_moving": "1" if hard else "0", "cognition": "1", "mood": "1", "elder_guidance": ["1", "2", "4"],
            })  # fmt: skip


def yearly(begun: date, until: date, manner: Manner, source: Random) -> list[Past]:
    """The yearly examination of most, not of all."""
    made = [date(year, 4, 1) + timedelta(days=source.randrange(0, 200)) for year in (until.year - 1, until.year)]
    return [
        Past("yearly", day, "1", examined(manner, source))
        for day in made
        if begun <= day < until and source.random() < manner.yearly
    ]


def examined(manner: Manner, source: Random) -> dict[str, Any]:
    """A check-up without anything grave: habits, findings, laboratory."""
    sbp, weight = rounded(round(source.gauss(137, 11)), manner), round(source.gauss(62, 8), 1)
    return _PLAIN | {
        "exercise": source.choice("123"), "smoking_state": "1", "sbp": sbp, "dbp": round(source.gauss(80, 7)), "height": 160.0, "weight": weight,
        "waist": round(weight * 1.35, 1), "temperature": 36.5, "pulse": source.randrange(62, 88), "respiration": 18, "heart_rate": source.randrange(62, 88),
        "vision_left": 4.8, "vision_right": 4.7, "hb": source.randrange(118, 152), "wbc": 6.1, "plt": source.randrange(150, 280),
        "fpg": round(max(4.2, source.gauss(5.6, 0.8)), 1), "hba1c": round(max(4.5, source.gauss(5.7, 0.4)), 1), "alt": source.randrange(12, 38), "ast": source.randrange(14, 36),
        "tbil": 12.0, "cr": source.randrange(52, 98), "bun": 5.4, "tc": round(source.gauss(4.9, 0.7), 1), "tg": 1.4, "ldl": 2.9, "hdl": 1.3,
    }  # fmt: skip


# What was found at a check-up where nothing was.
_PLAIN: dict[str, Any] = {
    "symptoms": ["1"], "diet": ["1"], "drinking_often": "1", "exposure": "1", "lips": "1", "teeth": ["1"], "throat": "1", "hearing": "1", "motor": "1",
    "skin": "1", "sclera": "1", "nodes": "1", "barrel_chest": "1", "breath_sound": "1", "rales": "1", "heart_rhythm": "1", "murmur": "1", "abdomen_tender": "1",
    "abdomen_mass": "1", "abdomen_liver": "1", "abdomen_spleen": "1", "abdomen_dullness": "1", "oedema": "1", "check_foot": "2", "urine_protein": "0",
    "urine_glucose": "0", "urine_ketone": "0", "urine_blood": "0", "ecg": "1", "ultrasound": "1", "chest": "1", "problem_brain": ["1"], "problem_kidney": ["1"],
    "problem_heart": ["1"], "problem_vessel": ["1"], "problem_eyes": ["1"], "problem_nerve": "1", "problem_system": "1", "check_result": "1", "check_guidance": ["4"],
}  # fmt: skip


def child(stage: str, months: float, size: float, source: Random) -> dict[str, Any]:
    """A check of a child of so many months; ``size`` in standard deviations."""
    if stage == "newborn":
        early = source.random() < 0.05
        return {"gestation": 35 if early else 39, "birth_weight": 2.3 if early else 3.3, "pregnancy_illness": ["1"], "birth_way": [source.choice("1114")],
                "asphyxia": "1", "deformity": "1", "hearing_screen": source.choice("1" * 30 + "2"), "disease_screen": "2", "weight": 2.6 if early else 3.6,
                "length": 47.0 if early else 51.0, "feeding": source.choice("1112"), "vomiting": "1", "stool": "1", "temperature": 36.7, "heart_rate": 136,
                "respiration": 42, **_NEWBORN, "cord": "2", "referral": "1", "child_guidance": ["1"]}  # fmt: skip
    weight, length = _between(_WEIGHTS, months) * (1 + size * 0.1), _between(_LENGTHS, months) * (1 + size * 0.035)
    return {"weight": round(weight * source.uniform(0.985, 1.015), 1), "length": round(length, 1), **_found_at(months, source),
            "illness": [source.choice("11111113")], "referral": "1", "child_guidance": ["1"]}  # fmt: skip


_NEWBORN = dict.fromkeys(
    ("complexion", "jaundice", "fontanelle_state", "eyes", "ears", "nose", "mouth", "limbs", "neck_lump", "skin_state", "chest", "abdomen", "spine", "anus", "genitals"), "1",
)  # fmt: skip
# The ordinary findings of a check with the months from and below which the form asks for them; the warning signs of an age likewise.
_FINDINGS = {
    "eyes": (0, 99), "ears": (0, 99), "mouth": (0, 99), "chest": (0, 99), "abdomen": (0, 99), "complexion": (0, 35), "skin": (0, 35), "limbs": (0, 35),
    "gait": (17, 35), "genitals": (0, 11), "neck_lump": (0, 7), "umbilicus": (0, 5), "vision": (47, 99),
}  # fmt: skip
_WARNINGS = {
    "warn3": (2, 5), "warn6": (5, 7), "warn8": (7, 11), "warn12": (11, 17), "warn18": (17, 23), "warn24": (23, 29), "warn30": (29, 35), "warn36": (35, 47),
    "warn48": (47, 59), "warn60": (59, 71), "warn72": (71, 99),
}  # fmt: skip
_HEARING = ((5, 7), (11, 17), (23, 29), (35, 47))


def _found_at(months: float, source: Random) -> dict[str, Any]:
    """What a check of that age finds, ordinary but for a few."""
    found: dict[str, Any] = {code: "1" for code, (low, high) in _FINDINGS.items() if low <= months < high}
    found |= {code: ["0"] for code, (low, high) in _WARNINGS.items() if low <= months < high}
    if months < 29:
        found["fontanelle"] = "2" if months < 15 else "1"
    if any(low <= months < high for low, high in _HEARING):
        found["hearing"] = "1"
    if 2 <= months < 35:
        found["rickets_signs"] = ["1"]
        found |= {"outdoor": 2.0, "vitamin_d": 400}
    if 2 <= months < 11:
        found["rickets_symptoms"] = [source.choice("1111113")]
    if months >= 5:
        found["hb"] = source.randrange(104, 134)
    if months >= 11:
        found |= {
            "teeth": min(20, round((months - 4) * 0.9)),
            "caries": source.choice((0, 0, 0, 0, 0, 0, 0, 0, 2)) if months > 30 else 0,
        }
    return found


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


MAKER = "示例生物制品公司"


def product(title: str) -> str:
    """The vaccine of a stage that is called after its dose."""
    return title.split("第", maxsplit=1)[0]


_INITIALS = {
    "乙肝": "YG", "卡介": "KJ", "脊灰灭活": "JH", "脊灰减毒": "JJ", "百白破": "BB", "麻腮风": "MS", "乙脑": "YN", "A群流脑": "LA", "A群C群": "LC", "甲肝": "JG", "HPV": "HP",
}  # fmt: skip


def lot_of(name: str, on: date, number: int) -> str:
    """A lot of the year in which it was given: the vaccine's initials, year, number."""
    return f"{next((code for word, code in _INITIALS.items() if word in name), 'YM')}{on:%y}{number:02}"


def dose(title: str, on: date, source: Random) -> dict[str, Any]:
    """A dose of the vaccine that a stage is called after."""
    name = product(title)
    return {"contra": "1", "consented": "1", "checked": "1", "verified": "1", "route": "1", "dose": "0.5 ml", "product": name, "manufacturer": MAKER, "lot": lot_of(name, on, source.randrange(1, 5)),
            "expires_on": (on + timedelta(days=400)).isoformat(), "site": source.choice("12"), "observed": "1"}  # fmt: skip
