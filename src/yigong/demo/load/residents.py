"""Residents, households, numbers, sources and the reasons to see them.

Columns that the index of people derives (search keys, sealed numbers) come from its own rules, so that a loaded resident is found and
opened like a registered one.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from yigong.demo.generate.county import County
from yigong.demo.generate.keys import CHINA, chance, key
from yigong.demo.generate.people import Person
from yigong.demo.load.copying import Table
from yigong.demo.load.network import Keys
from yigong.residents.commands.writing import identifier_columns, search_fields
from yigong.residents.rules import sealing

_FIRST_ARCHIVES = date(2011, 1, 1)


def load(people: Iterable[Person], county: County, keys: Keys, today: date) -> list[tuple[Person, UUID]]:
    """Write the residents; returns them with their keys, in order."""
    writer = _Writer(county, keys, today)
    found = [(person, writer.write(person)) for person in people]
    writer.flush()
    return found


class _Writer:
    def __init__(self, county: County, keys: Keys, today: date) -> None:
        self.keys, self.today = keys, today
        self.villages = {i.key: i for i in county.institutions if i.level == "village"}
        self.places = {p.code: p for p in county.places}
        self.source = chance(keys.seed, "residents")
        self.batch = keys.of("batch", "residents")
        self.household: UUID | None = None
        self.household_number = 0
        self.households = Table("residents.Household", ("id", "number", "division_code", "address", "head"))
        self.residents = Table(
            "residents.Resident",
            (
                "id", "name", "name_key", "pinyin", "initials", "reading_keys", "sex", "birth_date", "birth_precision", "ethnicity",
                "phone_sealed", "phone_digest", "archive_number", "division_code", "township", "village", "address", "household",
                "relation_to_head", "managing_institution", "is_newborn", "is_test", "status", "closed_on", "closed_reason", "version",
                "created_at",
            ),
        )  # fmt: skip
        self.identifiers = Table(
            "residents.Identifier",
            ("id", "resident", "kind", "issuer", "sealed", "digest", "tail_digest", "area_digest", "is_unique", "is_active", "since"),
        )  # fmt: skip
        self.sources = Table(
            "residents.SourceRecord",
            ("id", "institution", "system", "local_number", "given", "resident", "since", "batch", "created_at"),
        )
        self.relationships = Table(
            "access.Relationship",
            ("id", "resident_id", "institution_id", "basis", "source", "starts_at", "ends_at", "note"),
        )

    def flush(self) -> None:
        for table in (self.households, self.residents, self.identifiers, self.sources, self.relationships):
            table.flush()

    def write(self, person: Person) -> UUID:
        place = self.places[self.villages[person.village].place]
        town = self.places[place.parent]
        registered = self._registered(person)
        resident = key(self.keys.seed, "resident", person.index, registered)
        address = f"{town.name}{place.name}{person.household % 400 + 1}号"
        self._open_household(person, resident, place.code, address)
        self._resident(person, resident, place.code, town.name, place.name, address, registered)
        self._number(person, resident, registered)
        self._reasons(person, resident, registered)
        return resident

    def _registered(self, person: Person) -> datetime:
        day = max(_FIRST_ARCHIVES, person.born) + timedelta(days=self.source.randrange(400))
        day = min(day, self.today - timedelta(days=1))
        return datetime.combine(day, time(9), CHINA) + timedelta(seconds=self.source.randrange(28_000))

    def _open_household(self, person: Person, resident: UUID, code: str, address: str) -> None:
        if person.household == self.household_number:
            return
        self.household_number = person.household
        self.household = key(self.keys.seed, "household", person.household)
        self.households.add(self.household, f"QL{person.household:08d}", code, address, resident)

    def _resident(
        self, person: Person, resident: UUID, code: str, town: str, village: str, address: str, registered: datetime
    ) -> None:
        words = search_fields(person.name)
        phone = person.phone
        self.residents.add(
            resident, person.name, words["name_key"], words["pinyin"], words["initials"], tuple(words["reading_keys"]),
            person.sex, person.born, "day", _ethnicity(person, self.source),
            sealing.seal(phone, f"resident.phone:{resident}") if phone else None,
            sealing.digest("phone", phone) if phone else None,
            f"{code[:9]}{code[9:] or '000'}{person.index % 100_000:05d}", code, town, village, address, self.household,
            person.relation, self.keys.institution[person.village], not person.number, False, person.status, person.ended,
            {"deceased": "死亡登记", "moved": "户口迁出"}.get(person.status, ""), 1, registered,
        )  # fmt: skip

    def _number(self, person: Person, resident: UUID, registered: datetime) -> None:
        if person.number:
            row = key(self.keys.seed, "identifier", person.index, registered)
            columns = identifier_columns(row, "01", person.number)
            self.identifiers.add(row, resident, "01", "", *columns.values(), True, True, registered)

    def _reasons(self, person: Person, resident: UUID, registered: datetime) -> None:
        """The registering clinic keeps the archive; most residents have signed with the township's family doctor team."""
        clinic = self.keys.institution[person.village]
        source = key(self.keys.seed, "source", person.index, registered)
        given = {"name": person.name, "sex": person.sex, "birth_date": person.born.isoformat()}
        self.sources.add(
            source, clinic, "demo", f"{person.index:08d}", given, resident, registered, self.batch, registered
        )
        add = self.relationships.add
        add(
            key(self.keys.seed, "registered", person.index, registered),
            resident,
            clinic,
            "registration",
            source,
            registered,
            None,
            "",
        )
        centre = self.villages[person.village].parent
        if person.contracted and person.status == "active":
            since = datetime(self.today.year, 1, 1, 9, tzinfo=CHINA)
            for holder in (clinic, self.keys.institution[centre]):
                row = key(self.keys.seed, f"contract/{holder}", person.index, since)
                add(
                    row, resident, holder, "contract", source, since, since.replace(year=since.year + 1), "家庭医生签约"
                )


def _ethnicity(person: Person, source: Random) -> str:
    if "·" in person.name:
        return "05"
    return "01" if source.random() < 0.985 else source.choice(("02", "03", "11", "15"))
