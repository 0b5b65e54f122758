"""The managed people of the county with a year of visits, in the manner of each village; some are lost, died or moved away."""

# texts: data
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from yigong.core.actor import system
from yigong.demo.generate.county import LOGINS, County
from yigong.demo.generate.keys import CHINA, chance, key
from yigong.demo.generate.people import Person
from yigong.demo.load.copying import Table
from yigong.demo.load.network import Keys
from yigong.demo.load.programmes import answers
from yigong.demo.load.programmes.manners import Manner, manners
from yigong.programmes import api
from yigong.programmes.bulk import Past, load
from yigong.programmes.bulk import Person as Managed

_CHRONIC = {"h": "hypertension", "d": "diabetes", "c": "copd"}
# Of the managed: not reached any more (some of them given up), shares.
_UNREACHED, _LOST = 0.035, 0.012
# Of the checks and doses of the last months: not made yet; of the doses that were not given in time: never given, shares.
_NOT_YET, _NEVER_GIVEN = 0.35, 0.04


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
        self.manners: dict[str, Manner] = {}

    def people(self, residents: list[tuple[Person, UUID]]) -> Iterator[Managed]:
        """Everybody under management, and those whose management ended in the year, one after the other."""
        lived = {person.village for person, _resident in residents}
        self.manners = manners(self.keys.seed, {v: self.centres[v] for v in lived})
        for person, resident in residents:
            manner = self.manners[person.village]
            if person.status != "active":
                yield from self._gone(person, resident, manner)
                continue
            for programme in self._programmes(person, manner):
                yield self._managed(person, resident, programme, manner)
            self._may_see(person, resident)

    def _programmes(self, person: Person, manner: Manner) -> list[str]:
        age, draw = person.age(self.today), self.source.random
        found = [
            code
            for letter, code in _CHRONIC.items()
            if letter in person.chronic and age >= 35 and draw() < manner.reach
        ]
        if age >= 65 and draw() < manner.elders:
            found.append("elderly")
        if age <= 6 and draw() < manner.children:
            found.append("child")
        if age <= 6 and draw() < min(0.98, manner.children + 0.08):
            found.append("vaccination")
        return found

    def _managed(self, person: Person, resident: UUID, programme: str, manner: Manner) -> Managed:
        source = self.source
        begun = max(person.born, self.today - timedelta(days=source.randrange(40, 700)))
        if programme in {"child", "vaccination"}:
            begun = person.born
            return self._row(person, resident, programme, begun, self._by_plan(person, programme, begun, manner))
        until, attempts, ending = self.today, 0, ""
        if programme in _CHRONIC.values() and source.random() < _UNREACHED:
            until = max(begun, self.today - timedelta(days=source.randrange(70, 240)))
            attempts = source.randrange(1, 3)
            if source.random() < _LOST / _UNREACHED:
                attempts, ending = 3, "lost"
        visits = list(_made(programme, begun, until, manner, source))
        ended = min(self.today, until + timedelta(days=40)) if ending else None
        return self._row(person, resident, programme, begun, visits, attempts=attempts, ending=ending, ended_on=ended)

    def _gone(self, person: Person, resident: UUID, manner: Manner) -> Iterator[Managed]:
        """Who died or moved away while under management."""
        letter = next((x for x in "hdc" if x in person.chronic), "")
        if not letter or person.ended is None or self.source.random() >= manner.reach:
            return
        begun = max(person.born, person.ended - timedelta(days=self.source.randrange(60, 500)))
        ending = "death" if person.status == "deceased" else "moved"
        visits = list(_made(_CHRONIC[letter], begun, person.ended, manner, self.source))
        yield self._row(person, resident, _CHRONIC[letter], begun, visits, ending=ending, ended_on=person.ended)

    def _row(
        self, person: Person, resident: UUID, programme: str, begun: date, visits: list[Past], *, attempts: int = 0, ending: str = "",
        ended_on: date | None = None,
    ) -> Managed:  # fmt: skip
        code = self.doctors.get(person.village)
        return Managed(
            resident_id=resident, programme=programme, institution_id=self.keys.institution[person.village], born=person.born, sex=person.sex,
            started_on=begun, staff_id=self.keys.staff[code] if code else None, visits=visits, attempts=attempts, ending=ending, ended_on=ended_on,
        )  # fmt: skip

    def _by_plan(self, person: Person, programme: str, begun: date, manner: Manner) -> list[Past]:
        """The checks and doses of a child's age, most of them made, the newest not all yet. A check whose window has passed is gone; a dose that
        was left out is given later, but for a few."""
        found, size, source = [], self.source.gauss(0, 0.8), self.source
        doses = programme == "vaccination"
        left_out = (1 - manner.diligence) * (0.5 if doses else 1.2)
        for stage in api.programmes()[programme].stages:
            if stage.after != "birth":
                continue
            on = person.born + timedelta(days=round(stage.months * 30.4) + stage.days + source.randrange(0, 12))
            made = self._made_on(on, left_out, later=doses)
            if made and begun <= made < self.today and not stage.when:
                typed = (
                    answers.child(stage.code, (made - person.born).days / 30.4, size, source)
                    if not doses
                    else answers.dose(stage.title, made, source)
                )
                found.append(Past(stage.code, made, "1", typed))
        return found

    def _made_on(self, planned: date, left_out: float, *, later: bool) -> date | None:
        """The day of a check or dose, None where it was not made; ``later``: what was left out is made some months after, but for a few."""
        share = _NOT_YET if (self.today - planned).days < 100 else left_out
        if self.source.random() >= share:
            return planned
        made_up = later and self.source.random() >= _NEVER_GIVEN
        return planned + timedelta(days=self.source.randrange(30, 170)) if made_up else None

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


def _made(programme: str, begun: date, until: date, manner: Manner, source: Random) -> Iterator[Past]:
    """The visits of a programme for the chronically ill or the elderly."""
    yield from _VISITS[programme](begun, until, manner, source)
    if programme in {"hypertension", "diabetes"}:
        yield from answers.yearly(begun, until, manner, source)


_VISITS = {
    "hypertension": answers.pressure, "diabetes": answers.sugar, "copd": answers.lungs, "elderly": answers.checkup,
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
