"""Who is insured how in the demo county."""

from datetime import date
from uuid import UUID, uuid5

from yigong.demo.generate.county import County
from yigong.demo.generate.keys import chance
from yigong.demo.generate.people import Person
from yigong.demo.load.copying import Table
from yigong.demo.load.network import Keys

_REGION = "990100"
_DISEASES = {
    "h": ("two_diseases", "I10"),
    "d": ("two_diseases", "E11"),
    "c": ("chronic", "J44"),
    "s": ("chronic", "I25"),
}
# Next year's contributions, collected from September: who has not paid yet, and lawful reasons.
_SEASON, _LATE = 9, 0.004
_NOT_YET, _EXCUSED = (
    0.11,
    (("elsewhere", 0.25, "异地参保凭证"), ("away", 0.12, "村委会证明"), ("soldier", 0.03, "入伍通知书")),
)
_POOR = (("dibao", 0.025), ("tekun", 0.004), ("bianyuan", 0.01))


def load(people: list[tuple[Person, UUID]], county: County, keys: Keys, day: date) -> str:
    """Enrolment of 97 in 100, categories of the poor, registered diseases, the township's health centre as chosen institution."""
    year = day.replace(month=1, day=1)
    enrolments = Table(
        "coverage.Enrolment",
        ("id", "resident_id", "insurance", "region", "person_type", "starts_on", "ends_on", "planned_until", "source", "ended_because", "paid_on"),
    )  # fmt: skip
    exemptions = Table(
        "coverage.Exemption", ("id", "resident_id", "year", "reason", "evidence", "recorded_by", "withdrawn_because")
    )
    categories = Table(
        "coverage.Category", ("id", "resident_id", "code", "starts_on", "ends_on", "source", "ended_because")
    )
    entitled = Table(
        "coverage.Entitlement",
        ("id", "resident_id", "kind", "code", "institution_id", "starts_on", "ends_on", "source", "ended_because"),
    )
    above = {one.key: one.parent for one in county.institutions}
    dice, money = chance(keys.seed, "insurance"), chance(keys.seed, "contributions")
    for person, key in people:
        if person.status != "active":
            continue
        if dice.random() > 0.97:
            if (excuse := _excuse(money.random())) is not None:
                for one in (day.year, day.year + 1):
                    exemptions.add(uuid5(key, f"excuse{one}"), key, one, *excuse, "医保办", "")
            continue
        scheme, kind = _scheme(person, day, money.random())
        _insured(enrolments, key, (scheme, _REGION, kind), day, dice.random())
        draw = dice.random()
        for code, share in _POOR:
            if draw < share and scheme == "390":
                categories.add(uuid5(key, code), key, code, year, None, "民政名册", "")
                break
            draw -= share
        centre = above.get(person.village) or person.village
        entitled.add(
            uuid5(key, "chosen"), key, "institution", "", keys.institution[centre], year, None, "家庭医生签约", ""
        )
        for letter in person.chronic:
            if (what := _DISEASES.get(letter)) and not (scheme == "310" and what[0] == "two_diseases"):
                entitled.add(uuid5(key, what[1]), key, what[0], what[1], None, year, None, "病种认定", "")
    for table in (enrolments, categories, entitled, exemptions):
        table.flush()
    return f"{enrolments.count} 人参保，{categories.count} 人在低收入名册，{entitled.count} 项待遇资格"


def _insured(table: Table, key: UUID, what: tuple[str, str, str], day: date, draw: float) -> None:
    """An employee's insurance runs on; a resident's is paid year by year, from September on for the next. A few paid late this year."""
    year, following = day.replace(month=1, day=1), date(day.year + 1, 1, 1)
    ends = following if what[0] == "390" else None
    late = ends is not None and draw < _LATE and day >= date(day.year, 3, 1)
    paid = date(day.year, 2, 10) if late else None
    table.add(uuid5(key, "enrolment"), key, *what, year, ends, ends, "税务缴费", "", paid)
    if ends is not None and day.month >= _SEASON and draw < 1 - _NOT_YET:
        until = date(day.year + 2, 1, 1)
        table.add(uuid5(key, "following"), key, *what, following, until, until, "税务缴费", "", None)


def _excuse(draw: float) -> tuple[str, str] | None:
    for reason, share, evidence in _EXCUSED:
        if draw < share:
            return reason, evidence
        draw -= share
    return None


def _scheme(person: Person, day: date, draw: float) -> tuple[str, str]:
    """Scheme and kind of person by age; one in eight of those of working age is an employee."""
    age = person.age(day)
    if age < 7:
        return "390", "1402"
    if age < 18:
        return "390", "1403"
    if draw < 0.125:
        return "310", "1201" if age >= 60 else "1101"
    return "390", "1600" if age >= 60 else "1501"
