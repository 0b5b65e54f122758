"""Match on create: who among all residents may be the described person. One statement for candidates, then the matcher's score."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from yigong.core.actor import Actor
from yigong.residents.data import NearMatch
from yigong.residents.matching import api as matching
from yigong.residents.models import Identifier, Resident
from yigong.residents.queries import pairs, people
from yigong.residents.rules import likeness, numbers, pinyin, sealing
from yigong.residents.rules.text import name_key


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

    def described(self) -> likeness.Described:
        """As the plain rules take it."""
        return likeness.Described(
            self.name, self.birth_date, self.sex, sealing.digest("phone", self.phone) if self.phone else None
        )


# Whoever was born on the day is narrowed by a shared character or the same initials before anything is opened or scored.
CANDIDATES = """
select r.* from residents_resident r where r.id in (
  select id from residents_resident where id = any(%(held)s)
  union (select id from residents_resident where name_key = %(key)s
         and birth_date between %(year_from)s and %(year_to)s limit 30)
  union (select id from residents_resident where birth_date = %(born)s
         and (initials = %(initials)s or name_chars && %(chars)s::text[]) limit 40)
  union (select id from residents_resident where phone_digest = %(phone)s limit 15)
) and r.merged_into_id is null and r.status <> 'cancelled'
"""


def near_matches(sought: Sought, *, actor: Actor | None = None, limit: int = 20) -> list[NearMatch]:
    """People who may be the described one, most certain first."""
    held = holders(sought.documents)
    asked = sought.described()
    found = candidates(sought, held)
    scores = _scores(sought, found)
    told = []
    for resident in found:
        alike = likeness.compare(asked, _described(resident), same_number=resident.id in held)
        certainty, scored = _certainty(alike, scores[resident.id]), scores[resident.id]
        if certainty:
            told.append((resident, certainty, alike, scored))
    told.sort(key=lambda one: (likeness.ORDER.index(one[1]), -one[3].weight))
    rows = people.rows_of([one[0] for one in told[:limit]], people.places_of(actor))
    return [
        NearMatch(row, certainty, _reasons(alike, scored), bool(alike and alike.same_name), scored.probability)
        for row, (_resident, certainty, alike, scored) in zip(rows, told, strict=False)
    ]


def holders(checked: Sequence[numbers.CheckedNumber]) -> set[UUID]:
    """Who holds one of the numbers today."""
    digests = [sealing.digest("number:" + n.kind, n.value) for n in checked]
    rows = (
        Identifier.objects.filter(digest__in=digests, is_active=True, is_unique=True)
        if digests
        else Identifier.objects.none()
    )
    return set(rows.values_list("resident_id", flat=True))


def parameters(sought: Sought, held: set[UUID]) -> dict[str, Any]:
    """What the statement of candidates is asked with."""
    born, key = sought.birth_date, name_key(sought.name)
    return {
        "held": list(held),
        "key": key,
        "chars": list(dict.fromkeys(key)),
        "initials": pinyin.initials(sought.name),
        "born": born,
        "year_from": date(max(born.year - 1, 1), 1, 1) if born else None,
        "year_to": date(min(born.year + 1, 9999), 12, 31) if born else None,
        "phone": sealing.digest("phone", sought.phone) if sought.phone else None,
    }


def candidates(sought: Sought, held: set[UUID]) -> list[Resident]:
    """Whom to compare."""
    return list(Resident.objects.raw(CANDIDATES, parameters(sought, held)))


def _scores(sought: Sought, found: Sequence[Resident]) -> dict[UUID, matching.Scored]:
    if not found:
        return {}
    chosen = pairs.definition()
    asked = matching.prepare(sought.fields(), chosen)
    return {
        key: matching.score_prepared(asked, matching.prepare(fields, chosen), chosen)
        for key, fields in pairs.fields_of_residents(found).items()
    }


def _described(r: Resident) -> likeness.Described:
    return likeness.Described(r.name, r.birth_date, r.sex, bytes(r.phone_digest) if r.phone_digest else None)


def _certainty(alike: likeness.Likeness | None, scored: matching.Scored) -> str:
    """The same number is certain. What the matcher would link or review must be looked at, and so must a plain likeness of name and birth."""
    if alike and alike.certainty == "certain":
        return "certain"
    if scored.verdict != "distinct" or (alike and alike.certainty == "likely"):
        return "likely"
    return alike.certainty if alike else ""


def _reasons(alike: likeness.Likeness | None, scored: matching.Scored) -> tuple[str, ...]:
    """The plain reasons; where there is none, the comparisons that spoke most for one person."""
    if alike:
        return alike.reasons
    best = sorted((s for s in scored.steps if s.bits > 0), key=lambda s: -s.bits)[:3]
    return tuple(s.label for s in best)
