"""Residents and households through the index's own bulk door, and the reasons to see them."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random
from uuid import UUID

from yigong.core.actor import system
from yigong.demo.generate.county import COUNTY_NAME, County
from yigong.demo.generate.keys import CHINA, chance, key
from yigong.demo.generate.people import Person
from yigong.demo.load.copying import Table
from yigong.demo.load.network import Keys
from yigong.residents.bulk import Batch, BulkResident, loading

_FIRST_ARCHIVES = date(2011, 1, 1)
_CHUNK = 10_000
_REASONS = {"deceased": "死亡登记", "moved": "户口迁出"}


def load(people: Iterable[Person], county: County, keys: Keys, today: date) -> list[tuple[Person, UUID]]:
    """Write the residents; returns them with their keys, in order."""
    found: list[tuple[Person, UUID]] = []
    waiting = iter(people)
    reasons = _Reasons(county, keys, today)
    with loading(system("demo"), f"载入示例县 {COUNTY_NAME}") as batch:
        writer = _Writer(county, keys, batch)
        while chunk := list(islice(waiting, _CHUNK)):
            written = writer.write(chunk)
            for person, resident in written:
                reasons.add(person, resident)
            found += written
        batch.set_heads()
    reasons.flush()
    return found


class _Writer:
    def __init__(self, county: County, keys: Keys, batch: Batch) -> None:
        self.keys, self.batch = keys, batch
        self.villages = {i.key: i for i in county.institutions if i.level == "village"}
        self.places = {p.code: p for p in county.places}
        self.source = chance(keys.seed, "residents")
        self.known = 0

    def write(self, people: list[Person]) -> list[tuple[Person, UUID]]:
        rows = [self._row(person) for person in people]
        fresh = {p.household: r for p, r in zip(people, rows, strict=True) if p.household > self.known}
        self.known = people[-1].household
        self.batch.load_households(
            (r.household_id, f"QL{number:08d}", r.division_code, r.address)
            for number, r in fresh.items()
            if r.household_id
        )
        self.batch.load(rows)
        return [(person, row.id) for person, row in zip(people, rows, strict=True)]

    def _row(self, person: Person) -> BulkResident:
        place = self.places[self.villages[person.village].place]
        town = self.places[place.parent]
        clinic = self.keys.institution[person.village]
        return BulkResident(
            id=key(self.keys.seed, "resident", person.index),
            name=person.name,
            sex=person.sex,
            birth_date=person.born,
            source=(clinic, "demo", f"{person.index:08d}"),
            numbers=(("01", person.number),) if person.number else (),
            phone=person.phone,
            ethnicity=_ethnicity(person, self.source),
            archive_number=f"{place.code}{person.index % 100_000:05d}",
            division_code=place.code,
            township=town.name,
            village=place.name,
            address=f"{person.household % 400 + 1}号",
            household_id=key(self.keys.seed, "household", person.household),
            relation_to_head=person.relation,
            managing_institution_id=clinic,
            status=person.status,
            closed_on=person.ended,
            closed_reason=_REASONS.get(person.status, ""),
        )


class _Reasons:
    """The registering clinic keeps the archive; most residents have signed with clinic and township as a family doctor team."""

    def __init__(self, county: County, keys: Keys, today: date) -> None:
        self.keys, self.today = keys, today
        self.centres = {i.key: i.parent for i in county.institutions}
        self.source = chance(keys.seed, "registered")
        self.table = Table(
            "access.Relationship",
            ("id", "resident_id", "institution_id", "basis", "source", "starts_at", "ends_at", "note"),
        )
        self.flush = self.table.flush

    def add(self, person: Person, resident: UUID) -> None:
        clinic, team = self.keys.institution[person.village], self.keys.institution[self.centres[person.village]]
        since = self._registered(person)
        row = key(self.keys.seed, "registered", person.index, since)
        self.table.add(row, resident, clinic, "registration", resident, since, None, "")
        if person.contracted and person.status == "active":
            signed = datetime(self.today.year, 1, 1, 9, tzinfo=CHINA)
            contract = key(self.keys.seed, "contract", person.index, signed)
            for holder in (clinic, team):
                row = key(self.keys.seed, f"contract/{holder}", person.index, signed)
                ends = signed.replace(year=signed.year + 1)
                self.table.add(row, resident, holder, "contract", contract, signed, ends, "家庭医生签约")

    def _registered(self, person: Person) -> datetime:
        day = max(_FIRST_ARCHIVES, person.born) + timedelta(days=self.source.randrange(400))
        day = min(day, self.today - timedelta(days=1))
        return datetime.combine(day, time(9), CHINA) + timedelta(seconds=self.source.randrange(28_000))


def _ethnicity(person: Person, source: Random) -> str:
    if "·" in person.name:
        return "05"
    return "01" if source.random() < 0.985 else source.choice(("02", "03", "11", "15"))
