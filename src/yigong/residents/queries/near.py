"""Match on create: who among all residents may be the described person. One statement for candidates, then the matcher judges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import statements
from yigong.core.actor import Actor
from yigong.residents.data import NearMatch
from yigong.residents.matching import api as matching
from yigong.residents.models import Contact, Identifier, Resident
from yigong.residents.queries import pairs, people
from yigong.residents.queries.frequencies import shares_for
from yigong.residents.rules import numbers, pinyin, sealing
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


# Each way in takes its nearest few, and of all those the ones that several ways led to come first: beyond the cap nobody could be likely.
MOST = 24
CANDIDATES = f"""
join (
  select id, sum(strength) as strength from (
    select resident_id as id, 100 as strength from residents_identifier
      where digest = any(%(digests)s::bytea[]) and is_active and is_unique
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
) found using (id) where merged_into_id is null and status <> 'cancelled' order by strength desc, id
"""


def near_matches(sought: Sought, *, actor: Actor | None = None, limit: int = 20) -> list[NearMatch]:
    """People who may be the described one, most certain first."""
    digests = digests_of(sought)
    found = candidates(sought, digests)
    if not found:
        return []
    held = _identifiers(found)
    holders = {i.resident_id for i in held if i.is_unique and bytes(i.digest) in digests}
    told = sorted(_judged(sought, found, held, holders), key=lambda one: (_ORDER.index(one[1]), -one[2].weight))[:limit]
    shown = {resident.id for resident, _certainty, _scored in told}
    masked = people.masked_of(i for i in held if i.resident_id in shown)
    rows = people.rows_of([resident for resident, _certainty, _scored in told], people.places_of(actor), masked)
    key = name_key(sought.name)
    return [
        NearMatch(row, certainty, _reasons(certainty, scored), resident.name_key == key, scored.probability)
        for row, (resident, certainty, scored) in zip(rows, told, strict=True)
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


def candidates(sought: Sought, digests: Sequence[bytes]) -> list[Resident]:
    """Whom to compare, the strongest first."""
    return statements.objects(Resident, CANDIDATES, parameters(sought, digests))


def _identifiers(found: Sequence[Resident]) -> list[Identifier]:
    held = "where resident_id = any(%(ids)s) and is_active order by since, id"
    return statements.objects(Identifier, held, {"ids": [r.id for r in found]})


def _judged(
    sought: Sought, found: Sequence[Resident], held: Sequence[Identifier], holders: set[UUID]
) -> list[tuple[Resident, str, matching.Scored]]:
    """Who is to be told about, with how certain it is; the others are weighed and forgotten."""
    chosen = pairs.definition()
    asked = matching.prepare(sought.fields(), chosen)
    phones = {asked["phone"]: sealing.digest("phone", sought.phone)} if asked["phone"] else {}
    shares = shares_for([asked], phones, chosen)
    citizen = {i.resident_id: i for i in held if i.kind == numbers.CITIZEN}
    mothers = _mothers(found) if asked["mother"] else {}
    told = []
    for resident in found:
        known = _late(resident, citizen.get(resident.id), mothers.get(resident.id, ""), chosen)
        weight, places = matching.weigh(chosen, asked, known, shares)
        certainty = _certainty(chosen, weight, places, resident.id in holders)
        if certainty:
            told.append((resident, certainty, matching.explain(chosen, asked, known, weight, places, shares)))
    return told


def _mothers(found: Sequence[Resident]) -> dict[UUID, str]:
    named = Contact.objects.filter(resident_id__in=[r.id for r in found], relation=pairs.MOTHER)
    return dict(named.values_list("resident_id", "name"))


def _late(r: Resident, citizen: Identifier | None, mother: str, definition: matching.Definition) -> Mapping[str, str]:
    """A candidate whose number and phone stay sealed until a comparison asks for them."""
    plain = pairs.plain_fields(r, mother).as_texts()

    def field(name: str) -> str:
        if name == "id_number" and citizen:
            return sealing.unseal(citizen.sealed, f"identifier:{citizen.id}")
        if name == "phone" and r.phone_sealed:
            return sealing.unseal(r.phone_sealed, f"resident.phone:{r.id}")
        return plain[name]

    return matching.prepare_late(definition, field)


def _certainty(definition: matching.Definition, weight: float, places: Mapping[str, int], is_holder: bool) -> str:
    """The same number is certain; what the matcher would link or review has to be compared; what is near is shown."""
    if is_holder:
        return "certain"
    if matching.verdict_of(definition, weight, places) != "distinct":
        return "likely"
    return "possible" if matching.is_worth_showing(definition, weight, places) else ""


def _reasons(certainty: str, scored: matching.Scored) -> tuple[str, ...]:
    """What speaks for one person, and a different sex, which must not be overlooked."""
    spoken = [s.label for s in scored.steps if (s.bits > 0 and s.comparison != "sex" and s.comparison != "number")]
    number = [s.label for s in scored.steps if s.comparison == "number" and s.bits > 0]
    first = [_("证件号码相同")] if certainty == "certain" else number
    other = [s.label for s in scored.steps if s.comparison == "sex" and s.bits < 0]
    return (*first, *spoken, *other) or (_("姓名相近"),)
