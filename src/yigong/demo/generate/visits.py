"""A year of visits: who came where, when, with what, and what was done.

365 days have 1,163,518 visits for 350,000 residents, six of ten in primary care, half of those in the village. The visits begin with the
month that was a year ago: a month that is half empty would look like a fall in every chart.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from random import Random

from yigong.demo.generate.county import SECONDED_SINCE, County, Institution, Worker
from yigong.demo.generate.keys import CHINA, chance
from yigong.demo.generate.people import Person

PER_RESIDENT = 1_163_518 / 350_000
# Where a visit happens: own village, own township, county hospitals.
_LEVELS = (0.30, 0.60)
_HOSPITALS = (("COUNTY", 0.56), ("TCM", 0.74), ("SECOND", 0.90), ("MCH", 1.0))
# Admissions: 42,000 a year in the county and its townships.
_ADMITTED = {"county": 0.078, "township": 0.016}

_BY_AGE = {
    # (ICD-10, words, weight, medicines): what a county's desk sees, by age.
    "child": (
        ("J06.9", "急性上呼吸道感染", 34, "小儿氨酚黄那敏颗粒"), ("J20.9", "急性支气管炎", 16, "氨溴索口服溶液"),
        ("K52.9", "急性胃肠炎", 9, "蒙脱石散"), ("J03.9", "急性扁桃体炎", 9, "阿莫西林颗粒"), ("B08.4", "手足口病", 4, "蓝芩口服液"),
        ("L30.9", "湿疹", 5, "炉甘石洗剂"), ("J18.9", "肺炎", 4, "阿奇霉素干混悬剂"), ("K02.9", "龋齿", 5, ""), ("Z00.1", "儿童健康检查", 10, ""),
    ),
    "adult": (
        ("J06.9", "急性上呼吸道感染", 20, "复方氨酚烷胺片"), ("K29.5", "慢性胃炎", 11, "奥美拉唑肠溶胶囊"), ("M54.5", "腰痛", 9, "布洛芬缓释胶囊"),
        ("J20.9", "急性支气管炎", 7, "盐酸氨溴索片"), ("N39.0", "泌尿道感染", 5, "左氧氟沙星片"), ("M47.8", "颈椎病", 7, "颈复康颗粒"),
        ("K04.7", "根尖周炎", 4, "甲硝唑片"), ("L50.9", "荨麻疹", 3, "氯雷他定片"), ("S93.4", "踝关节扭伤", 3, "云南白药气雾剂"),
        ("N76.0", "急性阴道炎", 4, "甲硝唑栓"), ("K80.2", "胆囊结石", 3, "消炎利胆片"), ("Z34.9", "正常妊娠监督", 4, ""),
    ),
    "elder": (
        ("M17.9", "膝关节病", 13, "双氯芬酸钠缓释片"), ("J06.9", "急性上呼吸道感染", 13, "维C银翘片"), ("M54.5", "腰痛", 10, "布洛芬缓释胶囊"),
        ("K29.5", "慢性胃炎", 9, "奥美拉唑肠溶胶囊"), ("J20.9", "急性支气管炎", 8, "盐酸氨溴索片"), ("G47.0", "失眠", 5, "乌灵胶囊"),
        ("H25.9", "老年性白内障", 4, ""), ("K59.0", "便秘", 4, "麻仁软胶囊"), ("N40", "前列腺增生", 4, "普乐安片"), ("M47.8", "颈椎病", 5, "颈复康颗粒"),
    ),
    "inpatient": (
        ("J18.9", "肺炎", 20, "头孢曲松钠"), ("I63.9", "脑梗死", 14, "阿托伐他汀钙片"), ("I25.1", "冠状动脉粥样硬化性心脏病", 12, "阿司匹林肠溶片"),
        ("K80.2", "胆囊结石", 8, "头孢唑肟钠"), ("S72.0", "股骨颈骨折", 5, "依诺肝素"), ("K35.8", "急性阑尾炎", 6, "头孢西丁钠"),
        ("O80.9", "单胎顺产", 6, ""), ("J44.1", "慢性阻塞性肺疾病急性加重", 9, "多索茶碱"), ("K92.2", "消化道出血", 5, "泮托拉唑"), ("M51.2", "腰椎间盘突出", 8, "甘露醇"),
    ),
}  # fmt: skip
CHRONIC = {
    "h": ("I10", "高血压", ("苯磺酸氨氯地平片", "缬沙坦胶囊", "硝苯地平控释片")),
    "d": ("E11.9", "2型糖尿病", ("二甲双胍片", "格列美脲片", "阿卡波糖片")),
    "c": ("J44.9", "慢性阻塞性肺疾病", ("沙丁胺醇吸入气雾剂", "噻托溴铵粉吸入剂")),
    "s": ("I69.3", "脑梗死后遗症", ("阿司匹林肠溶片", "阿托伐他汀钙片")),
}
_WHO = {"village": "village_doctor", "township": "gp", "county": "specialist"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One contact with care. ``reading`` is (systolic, diastolic) when the pressure was taken, ``glucose`` in tenths of mmol/l."""

    number: int
    person: int
    institution: str
    doctor: Worker
    at: datetime
    ended: datetime
    kind: str
    diagnoses: tuple[tuple[str, str], ...]
    medicines: tuple[str, ...]
    reading: tuple[int, int] | None
    glucose: int | None


def begins_on(today: date) -> date:
    """The first day of visits: twelve whole months and what has passed of this one."""
    return (today - timedelta(days=365)).replace(day=1)


def rates(people: Sequence[Person], today: date, source: Random) -> Iterator[int]:
    """How many visits each person made; the sum is the total of these days whatever the chance."""
    weights = [_appetite(p, today) * source.expovariate(1.0) for p in people]
    years = (today - begins_on(today)).days / 365
    per_weight = len(people) * PER_RESIDENT * years / sum(weights)
    reached, told = 0.0, 0
    for weight in weights:
        reached += weight * per_weight
        yield round(reached) - told
        told = round(reached)


def _appetite(person: Person, today: date) -> float:
    age = person.age(today)
    base = 1.6 if age < 7 else 0.6 if age < 30 else 0.9 if age < 60 else 1.6
    return (base + 1.2 * len(person.chronic)) * (0.5 if person.status != "active" else 1.0)


class Year:
    """Makes the visits of the people of one county from ``begins_on(today)`` until the day before."""

    def __init__(self, seed: int, county: County, today: date) -> None:
        self.source = chance(seed, "visits")
        self.today, self.county = today, county
        self.places = {i.key: i for i in county.institutions}
        self.count = 0

    def of(self, person: Person, index: int, times: int) -> Iterator[Visit]:
        """This person's visits."""
        village = self.places[person.village]
        last = (person.ended or self.today) - timedelta(days=1)
        first = max(begins_on(self.today), person.born + timedelta(days=1))
        span = max(1, (last - first).days)
        for _ in range(times):
            self.count += 1
            yield self._visit(person, index, village, first + timedelta(days=int(span * self.source.random())))

    def _visit(self, person: Person, index: int, village: Institution, day: date) -> Visit:
        source = self.source
        place = self._place(person, village)
        level = place.level
        at = datetime.combine(day, time(8), CHINA) + timedelta(seconds=int(source.random() * 34_200))
        admitted = source.random() < _ADMITTED.get(level, 0.0)
        kind = "inpatient" if admitted else _kind(source, level)
        stay = timedelta(days=1 + int(source.expovariate(1 / 6.7))) if admitted else timedelta(minutes=12)
        age = person.age(self.today)
        complaint = _fitting(_pick(source, "inpatient" if admitted and age > 14 else _group(age)), person.sex, age)
        known = [c for c in person.chronic if source.random() < (0.75 if level != "county" else 0.4)]
        main = () if known and not admitted and source.random() < 0.6 else ((complaint[0], complaint[1]),)
        medicines = [complaint[3]] if main and complaint[3] else []
        medicines += [source.choice(CHRONIC[c][2]) for c in known]
        pressed = "h" in known or (age >= 35 and source.random() < 0.12)
        return Visit(
            number=self.count,
            person=index,
            institution=place.key,
            doctor=self._doctor(place, day),
            at=at,
            ended=at + stay,
            kind=kind,
            diagnoses=main + tuple((CHRONIC[c][0], CHRONIC[c][1]) for c in known),
            medicines=tuple(medicines) if source.random() < 0.8 else (),
            reading=_pressure(source, "h" in person.chronic) if pressed else None,
            glucose=40 + int(source.gammavariate(6, 6)) if "d" in known else None,
        )

    def _place(self, person: Person, village: Institution) -> Institution:
        dice = self.source.random()
        if dice < _LEVELS[0] and self.county.at(village.key, "village_doctor"):
            return village
        if dice < _LEVELS[1]:
            return self.places[village.parent]
        dice = self.source.random()
        hospital = next(k for k, upto in _HOSPITALS if dice < upto)
        if hospital == "MCH" and person.sex == "1" and person.age(self.today) > 14:
            hospital = "COUNTY"
        return self.places[hospital]

    def _doctor(self, place: Institution, day: date) -> Worker:
        staff = self.county.at(place.key, _WHO[place.level])
        if place.key in self.county.seconded and day >= self.today - SECONDED_SINCE:
            staff = [*staff, self.county.seconded[place.key]]
        return staff[int(self.source.random() * len(staff))]


def _kind(source: Random, level: str) -> str:
    dice = source.random()
    if level == "village":
        return "home" if dice < 0.08 else "outpatient"
    if level == "county":
        return "emergency" if dice < 0.07 else "outpatient"
    return "outpatient"


def _group(age: int) -> str:
    return "child" if age < 15 else "adult" if age < 60 else "elder"


@cache
def _weights(group: str) -> list[int]:
    return list(accumulate(row[2] for row in _BY_AGE[group]))


def _pick(source: Random, group: str) -> tuple[str, str, int, str]:
    weights = _weights(group)
    return _BY_AGE[group][bisect(weights, int(source.random() * weights[-1]))]


def _fitting(complaint: tuple[str, str, int, str], sex: str, age: int) -> tuple[str, str, int, str]:
    """The complaint, or a common cold where sex or age rule it out."""
    women, mothers, men = {"N76.0"}, {"Z34.9", "O80.9"}, {"N40"}
    wrong = (sex != "2" and complaint[0] in women | mothers) or (sex != "1" and complaint[0] in men)
    return _BY_AGE["adult"][0] if wrong or (complaint[0] in mothers and not 18 <= age <= 45) else complaint


def _pressure(source: Random, known: bool) -> tuple[int, int]:
    systolic = int(source.gauss(141 if known else 122, 14))
    return systolic, int(systolic * 0.5 + source.gauss(16, 5))
