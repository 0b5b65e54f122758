"""Match on create: who among all residents may be the described person. One statement for candidates, then the matcher judges."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from yigong.core import statements
from yigong.core.actor import Actor
from yigong.residents.data import NearMatch
from yigong.residents.matching import api as matching
from yigong.residents.models import Contact, Resident
from yigong.residents.queries import frequencies, pairs
from yigong.residents.queries import people as residents
from yigong.residents.rules import numbers, people, pinyin, sealing
from yigong.residents.rules.text import name_key

_ORDER = ("certain", "likely", "possible")


@dataclass(frozen=True, slots=True)
class Sought:
    """The described person in stored forms; ``documents`` checked."""

    name: str
    birth_date: date | None
    sex: str
    documents: tuple[numbers.CheckedNumber, ...] = ()
    phone: str = ""
    township: str = ""
    village: str = ""
    address: str = ""

    def fields(self) -> matching.PersonFields:
        """As the matcher takes it."""
        citizen = next((n.value for n in self.documents if n.kind == numbers.CITIZEN), "")
        return matching.PersonFields(
            name=self.name, sex=self.sex, birth_date=self.birth_date, id_number=citizen, phone=self.phone,
            township=self.township, village=self.village, address=self.address,
        )  # fmt: skip


# What is compared and what is shown, in the model's order; the keys for search, which are half of a row, stay where they are.
_READ = {*pairs.PLAIN, "id", "name_key", "phone_sealed", "status", "closed_on", "managing_institution_id", "is_test"}
_COLUMNS = tuple(f.attname for f in Resident._meta.concrete_fields if f.attname in _READ)
_ID, _NAME_KEY, _PHONE = (_COLUMNS.index(name) for name in ("id", "name_key", "phone_sealed"))
_plain = itemgetter(*map(_COLUMNS.index, pairs.PLAIN))
# Each way in takes its nearest few, and of all those the ones that several ways led to come first: beyond the cap nobody could be likely.
MOST = 24
# Planning takes longer than the answer. The server plans once for all when it thinks that no dearer than planning each time for the values
# at hand: hence single values where there is only one, and a limit (which it takes for a tenth of the ten it supposes) for the digests.
CANDIDATES = f"""
select {", ".join(_COLUMNS)}, strength from residents_resident join (
  select id, sum(strength) as strength from (
    select resident_id as id, 100 as strength from (
      select unnest(%(digests)s::bytea[]) as digest limit cardinality(%(digests)s::bytea[])) sought
      join residents_identifier using (digest) where is_active and is_unique
    union all (select id, 8 from residents_resident where name_key = %(key)s
      and birth_date between %(year_from)s::date and %(year_to)s::date
      order by abs(birth_date - %(born)s::date), sex <> %(sex)s, id limit 15)
    union all (select id, 4 + 3 * (pinyin = %(pinyin)s)::int + 2 * (initials = %(initials)s)::int + (name_chars[1] = %(first)s)::int
      from residents_resident where birth_date = %(born)s::date and (initials = %(initials)s or name_chars && %(chars)s::text[])
      order by pinyin = %(pinyin)s desc, initials = %(initials)s desc, name_chars[1] = %(first)s desc, sex <> %(sex)s, id limit 15)
    union all (select id, 5 + 4 * (birth_date = %(born)s::date)::int + 3 * (name_key = %(key)s)::int
      from residents_resident where phone_digest = %(phone)s::bytea
      order by name_key = %(key)s desc, birth_date = %(born)s::date desc, id limit 10)
  ) ways group by id order by 2 desc, id limit {MOST}
) found using (id) where merged_into_id is null and status <> 'cancelled'
"""
# One way to the server and back: candidates with their numbers, and how common the described person's name and phone are.
_STATEMENT = f"""
select {", ".join("r." + name for name in _COLUMNS)}, i.id, i.kind, i.sealed, i.is_unique and i.digest = any(%(digests)s::bytea[]),
  (select json_agg(json_build_array(c.column, c.value, c.count))::text from ({frequencies.OF_ONE}) c)
from ({CANDIDATES}) r left join residents_identifier i on i.resident_id = r.id and i.is_active
order by r.strength desc, r.id, i.since, i.id
"""


class Held(NamedTuple):
    """An active number of a candidate."""

    id: UUID
    kind: str
    sealed: bytes
    is_sought: bool


class Candidate:
    """Somebody to compare. What is sealed is opened when it is first asked for, and only once."""

    def __init__(self, row: Sequence[Any], held: Sequence[Held]) -> None:
        self.row, self.held = row[: len(_COLUMNS)], held
        self.id: UUID = row[_ID]
        self._opened: dict[str, str] = {}

    @property
    def is_holder(self) -> bool:
        """Whether a number of theirs is one of those sought."""
        return any(one.is_sought for one in self.held)

    def prepared(self, definition: matching.Definition, mother: str) -> matching.LateRow:
        """As the matcher looks at them."""
        plain = pairs.plain_fields(_plain(self.row), mother).as_texts()
        sealed = {"id_number": self._citizen, "phone": self._phone}
        return matching.prepare_late(definition, lambda name: sealed[name]() if name in sealed else plain[name])

    def masked_number(self) -> str:
        """The number that stands for them in a list."""
        shown = min(self.held, key=lambda one: residents.order_of(one.kind), default=None)
        return people.mask_number(self._number(shown)) if shown else ""

    def _citizen(self) -> str:
        last = next((one for one in reversed(self.held) if one.kind == numbers.CITIZEN), None)
        return self._number(last) if last else ""

    def _number(self, held: Held) -> str:
        return self._open(held.sealed, f"identifier:{held.id}")

    def _phone(self) -> str:
        return self._open(self.row[_PHONE], f"resident.phone:{self.id}") if self.row[_PHONE] else ""

    def _open(self, sealed: bytes, bound_to: str) -> str:
        if bound_to not in self._opened:
            self._opened[bound_to] = sealing.unseal(sealed, bound_to)
        return self._opened[bound_to]


@dataclass(frozen=True, slots=True)
class _Told:
    """A candidate to be told about, with how certain it is."""

    person: Candidate
    certainty: str
    weighed: matching.Weighed


def near_matches(sought: Sought, *, actor: Actor | None = None, limit: int = 20) -> list[NearMatch]:
    """People who may be the described one, most certain first."""
    chosen = pairs.definition()
    told = sorted(_judged(sought, chosen), key=lambda one: (_ORDER.index(one.certainty), -one.weighed.weight))[:limit]
    key, masked = name_key(sought.name), {one.person.id: one.person.masked_number() for one in told}
    shown = [Resident.from_db(DEFAULT_DB_ALIAS, _COLUMNS, one.person.row) for one in told]
    rows = residents.rows_of(shown, residents.places_of(actor), masked)
    return [
        NearMatch(row, one.certainty, _reasons(chosen, one), one.person.row[_NAME_KEY] == key, one.weighed.probability)
        for row, one in zip(rows, told, strict=True)
    ]


def digests_of(sought: Sought) -> list[bytes]:
    """The digests under which the described person's numbers would be held."""
    return [sealing.digest("number:" + n.kind, n.value) for n in sought.documents]


def parameters(sought: Sought, digests: Sequence[bytes]) -> dict[str, Any]:
    """What the statement of candidates is asked with."""
    born, key = sought.birth_date, name_key(sought.name)
    return {
        "digests": list(digests),
        "key": key,
        "first": key[:1],
        "chars": list(dict.fromkeys(key)),
        "pinyin": pinyin.pinyin(sought.name),
        "initials": pinyin.initials(sought.name),
        "sex": sought.sex,
        "born": born,
        "year_from": date(max(born.year - 1, 1), 1, 1) if born else None,
        "year_to": date(min(born.year + 1, 9999), 12, 31) if born else None,
        "phone": sealing.digest("phone", sought.phone) if sought.phone else None,
    }


def _judged(sought: Sought, chosen: matching.Definition) -> Iterator[_Told]:
    """Who is to be told about; the others are weighed and forgotten."""
    asked = matching.prepare(sought.fields(), chosen)
    known = parameters(sought, digests_of(sought))
    phones = {asked["phone"]: known["phone"]} if asked["phone"] else {}
    found, counts = _candidates(known | {name: asked[name] for name in ("name", "sound", "sound_other")})
    shares = frequencies.shares_from(counts, phones, chosen)
    mothers = _mothers(found) if asked["mother"] else {}
    for person in found:
        weighed = matching.weigh(chosen, asked, person.prepared(chosen, mothers.get(person.id, "")), shares)
        certainty = _certainty(chosen, weighed, person.is_holder)
        if certainty:
            yield _Told(person, certainty, weighed)


def _candidates(values: dict[str, Any]) -> tuple[list[Candidate], frequencies.Counts]:
    """Whom to compare, the strongest first, and the counts."""
    rows = statements.fetch(_STATEMENT, values)
    found = []
    for _key, group in groupby(rows, key=itemgetter(_ID)):
        same = list(group)
        found.append(Candidate(same[0], [Held(*row[len(_COLUMNS) : -1]) for row in same if row[len(_COLUMNS)]]))
    return found, json.loads(rows[0][-1] or "[]") if rows else []


def _mothers(found: Sequence[Candidate]) -> dict[UUID, str]:
    named = Contact.objects.filter(resident_id__in=[one.id for one in found], relation=pairs.MOTHER)
    return dict(named.values_list("resident_id", "name"))


def _certainty(definition: matching.Definition, weighed: matching.Weighed, is_holder: bool) -> str:
    """The same number is certain; what the matcher would link or review has to be compared; what is near is shown."""
    if is_holder:
        return "certain"
    if matching.verdict_of(definition, weighed.weight, weighed.places) != "distinct":
        return "likely"
    return "possible" if matching.is_worth_showing(definition, weighed.weight, weighed.places) else ""


def _reasons(definition: matching.Definition, told: _Told) -> tuple[str, ...]:
    """What speaks for one person, and a different sex, which must not be overlooked."""
    counted = list(matching.agreements(definition, told.weighed))
    spoken = [label for code, label, bits in counted if bits > 0 and code not in ("sex", "number")]
    number = [label for code, label, bits in counted if bits > 0 and code == "number"]
    first = [_("证件号码相同")] if told.certainty == "certain" else number
    other = [label for code, label, bits in counted if bits < 0 and code == "sex"]
    return (*first, *spoken, *other) or (_("姓名相近"),)
