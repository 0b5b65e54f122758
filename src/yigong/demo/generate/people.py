"""Residents of the demo county, household by household."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from yigong.demo.generate import names
from yigong.demo.generate.county import County, Institution
from yigong.demo.generate.keys import chance, citizen_number, phone

RESIDENTS = {"small": 2_000, "town": 30_000, "county": 350_000}
# How many villages of each township live in a scale; the county has all.
_VILLAGES = {"small": {"T01": 5, "T02": 3, "T10": 2}, "town": {"T01": 22, "T02": 20, "T10": 8}}
_TOWN_WEIGHT = 5
CONTRACTED = 0.7845

# Kinds of households and their shares, summed up.
_KIND_NAMES = ("elder", "elders", "couple", "young", "three", "single")
_KIND_SUMS = (0.11, 0.33, 0.45, 0.75, 0.92, 1.0)
# Prevalence of long-term conditions by age: (from age, hypertension, diabetes, COPD, stroke or heart disease).
_CHRONIC = (
    (75, 0.44, 0.14, 0.06, 0.12),
    (65, 0.36, 0.13, 0.04, 0.08),
    (50, 0.14, 0.05, 0.015, 0.02),
    (35, 0.03, 0.01, 0.0, 0.002),
)


@dataclass(frozen=True, slots=True)
class Person:
    """One resident; ``relation`` is GB/T 4761 (02 is the head), ``chronic`` letters h, d, c, s."""

    index: int
    household: int
    name: str
    sex: str
    born: date
    relation: str
    number: str
    phone: str
    village: str
    chronic: str
    contracted: bool
    status: str
    ended: date | None

    def age(self, day: date) -> int:
        """Whole years on that day."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


class Population:
    """Makes people until the scale is reached; the same seed and day make the same people."""

    def __init__(self, seed: int, scale: str, today: date, county: County) -> None:
        self.seed, self.today = seed, today
        self.total = RESIDENTS[scale]
        self.villages = _living(county, scale)
        self._serials: dict[tuple[str, str], int] = defaultdict(int)
        self._count = self._households = 0

    def __iter__(self) -> Iterator[Person]:
        weights = [_TOWN_WEIGHT if v.parent == "T10" else 1 for v in self.villages]
        given_out, so_far = 0.0, 0
        for village, weight in zip(self.villages, weights, strict=True):
            given_out += self.total * weight / sum(weights)
            yield from self._village(village, round(given_out) - so_far)
            so_far = round(given_out)

    def _village(self, village: Institution, people: int) -> Iterator[Person]:
        source = chance(self.seed, "people", village.key)
        clans = [names.surname(source) for _ in range(4)]
        while people > 0:
            self._households += 1
            for person in self._household(source, village.key, clans)[:people]:
                people -= 1
                yield person

    def _household(self, source: Random, village: str, clans: list[str]) -> list[Person]:
        # Half of a village shares a handful of surnames.
        family = source.choice(clans) if source.random() < 0.5 else ""
        head_sex = "1" if source.random() < 0.8 else "2"
        head_age, members = _members(source, head_sex)
        head = self._person(source, village, head_sex, head_age, "02", family)
        surname = head.name[:2] if head.name[:2] in names.COMPOUND else head.name[0]
        inherits = "·" not in head.name
        return [head] + [
            self._person(source, village, sex, age, relation, surname if inherits and relation in _SAME_NAME else "")
            for sex, age, relation in members
        ]

    def _person(self, source: Random, village: str, sex: str, age: int, relation: str, family: str) -> Person:
        self._count += 1
        born = self.today - timedelta(days=age * 365 + age // 4 + source.randrange(1, 365))
        stamp = born.strftime("%Y%m%d")
        serial = self._serials[stamp, sex]
        self._serials[stamp, sex] += 1
        unnumbered = age == 0 and source.random() < 0.15
        status, ended = _fate(source, age, self.today)
        return Person(
            index=self._count,
            household=self._households,
            name=names.full(source, sex, born.year, family),
            sex=sex,
            born=born,
            relation=relation,
            number="" if unnumbered else citizen_number(stamp, sex, serial, source),
            phone=phone(source) if 14 <= age < 88 or source.random() < 0.3 else "",
            village=village,
            chronic=_conditions(source, age),
            contracted=source.random() < CONTRACTED,
            status=status,
            ended=ended,
        )


_SAME_NAME = {"20", "30", "41", "42", "51"}


def _living(county: County, scale: str) -> list[Institution]:
    villages = [i for i in county.institutions if i.level == "village"]
    if scale == "county":
        return villages
    first = _VILLAGES[scale]
    return [v for v in villages if int(v.key[-2:]) <= first.get(v.parent, 0)]


def _members(source: Random, head_sex: str) -> tuple[int, list[tuple[str, int, str]]]:
    """The head's age, and (sex, age, relation) of the others."""
    kind = source.choices(_KIND_NAMES, cum_weights=_KIND_SUMS)[0]
    other = "2" if head_sex == "1" else "1"
    age = source.randrange(*_HEAD_AGE[kind])
    spouse = (other, max(20, age - source.randrange(-2, 5)), "10")
    if kind in {"elder", "single"}:
        return age, []
    if kind in {"elders", "couple"}:
        return age, [spouse]
    members = [spouse]
    youngest = max(0, age - 42)
    for _ in range(1 if source.random() < 0.45 else 2):
        sex = "1" if source.random() < 0.53 else "2"
        members.append((sex, source.randrange(youngest, max(youngest + 1, age - 20)), "20" if sex == "1" else "30"))
    if kind == "three":
        members.append(("2", age + source.randrange(21, 30), "52"))
        if source.random() < 0.6:
            members.append(("1", age + source.randrange(22, 31), "51"))
    return age, members


_HEAD_AGE = {
    "elder": (66, 90),
    "elders": (60, 82),
    "couple": (48, 66),
    "young": (27, 52),
    "three": (30, 56),
    "single": (22, 64),
}


def _conditions(source: Random, age: int) -> str:
    for start, *shares in _CHRONIC:
        if age >= start:
            return "".join(letter for letter, share in zip("hdcs", shares, strict=True) if source.random() < share)
    return ""


def _fate(source: Random, age: int, today: date) -> tuple[str, date | None]:
    """Most are there; some died or moved away within the last year."""
    dice = source.random()
    if dice < (0.045 if age >= 75 else 0.002):
        return "deceased", today - timedelta(days=source.randrange(1, 330))
    if dice > 0.992:
        return "moved", today - timedelta(days=source.randrange(1, 330))
    return "active", None
