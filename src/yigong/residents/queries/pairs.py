"""Pairs of identities that may be one person: who is compared with whom, the score with its steps, the queue."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from yigong.core.errors import NotFound
from yigong.core.packs.api import current
from yigong.core.paging import Page
from yigong.residents.data import PairData, PairStatistics, ResidentRow
from yigong.residents.matching import api as matching
from yigong.residents.matching.packs import MATCHING
from yigong.residents.models import CandidatePair, Contact, Identifier, Resident
from yigong.residents.queries.frequencies import shares_for
from yigong.residents.queries.people import rows_of
from yigong.residents.rules import sealing

State = CandidatePair.State
MOTHER = "52"
# A resident's columns that the matcher compares as they stand.
PLAIN = (
    "name", "sex", "birth_date", "birth_precision", "division_code", "township", "village", "address", "household_id",
)  # fmt: skip
_QUEUE = 2000
_LARGEST = 60

# Whom to compare: each way in has an index, and groups that say nothing (a phone of half a village) are left out.
_ALIKE = "a.merged_into_id is null and b.merged_into_id is null and a.status <> 'cancelled' and b.status <> 'cancelled' and a.id < b.id"
BLOCKS = {
    "name and birth date": f"select a.id, b.id from residents_resident a join residents_resident b on a.name_key = b.name_key and a.birth_date = b.birth_date where {_ALIKE}",
    "reading and birth date": f"select a.id, b.id from residents_resident a join residents_resident b on a.pinyin = b.pinyin and a.birth_date = b.birth_date where {_ALIKE} and a.name_key <> b.name_key",
    "initials and birth date": f"select a.id, b.id from residents_resident a join residents_resident b on a.initials = b.initials and a.birth_date = b.birth_date and a.sex = b.sex where {_ALIKE} and a.pinyin <> b.pinyin",
    "phone": f"select a.id, b.id from residents_resident a join residents_resident b on a.phone_digest = b.phone_digest where {_ALIKE} and a.sex = b.sex and abs(a.birth_date - b.birth_date) < 1100",
    "name and village": f"select a.id, b.id from residents_resident a join residents_resident b on a.name_key = b.name_key and a.village = b.village where {_ALIKE} and a.village <> '' and a.sex = b.sex and abs(a.birth_date - b.birth_date) < 4000",
    "last four and name": f"select a.id, b.id from residents_identifier i join residents_identifier j on i.tail_digest = j.tail_digest and i.id <> j.id join residents_resident a on a.id = i.resident_id join residents_resident b on b.id = j.resident_id where {_ALIKE} and i.is_active and j.is_active and a.pinyin = b.pinyin",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A pair worth a look."""

    left: UUID
    right: UUID
    scored: matching.Scored


def fields_of(ids: Collection[UUID]) -> dict[UUID, matching.PersonFields]:
    """What the matcher compares, opened for the comparison only."""
    return fields_of_residents(list(Resident.objects.filter(pk__in=ids)))


def fields_of_residents(residents: Collection[Resident]) -> dict[UUID, matching.PersonFields]:
    """The same for rows at hand: two statements."""
    if not residents:
        return {}
    ids = [r.id for r in residents]
    held = Identifier.objects.filter(resident_id__in=ids, kind="01", is_active=True).order_by("since")
    citizen = {i.resident_id: sealing.unseal(i.sealed, f"identifier:{i.id}") for i in held}
    mothers = dict(Contact.objects.filter(resident_id__in=ids, relation=MOTHER).values_list("resident_id", "name"))
    return {r.id: _fields(r, citizen.get(r.id, ""), mothers.get(r.id, "")) for r in residents}


def _fields(r: Resident, number: str, mother: str) -> matching.PersonFields:
    phone = sealing.unseal(r.phone_sealed, f"resident.phone:{r.id}") if r.phone_sealed else ""
    return replace(plain_fields([getattr(r, name) for name in PLAIN], mother), id_number=number, phone=phone)


def plain_fields(values: Sequence[Any], mother: str) -> matching.PersonFields:
    """What the matcher compares, without what is sealed, from the values of ``PLAIN``."""
    *told, household = values
    return matching.PersonFields(
        **dict(zip(PLAIN, told, strict=False)), mother_name=mother, household=str(household or "")
    )


def definition() -> matching.Definition:
    """The definition of matching in force today."""
    return current(MATCHING, "residents")


def score(left: UUID, right: UUID) -> matching.Scored:
    """How likely two identities are one person, with every step."""
    chosen = definition()
    ready, shares = _prepared([left, right], chosen)
    return matching.score_prepared(ready[left], ready[right], chosen, shares=shares)


def score_many(pairs: Iterable[tuple[UUID, UUID]]) -> Iterator[Found]:
    """Those of the pairs that the definition links or sends to review."""
    asked = list(pairs)
    chosen = definition()
    ready, shares = _prepared({key for pair in asked for key in pair}, chosen)
    for left, right in asked:
        scored = matching.score_prepared(ready[left], ready[right], chosen, shares=shares)
        if scored.verdict != "distinct":
            yield Found(left, right, scored)


def _prepared(ids: Collection[UUID], chosen: matching.Definition) -> tuple[dict[UUID, dict[str, str]], matching.Shares]:
    """Residents as the matcher compares them, with how common their names and phones are."""
    residents = {r.id: r for r in Resident.objects.filter(pk__in=ids)}
    ready = {k: matching.prepare(p, chosen) for k, p in fields_of_residents(list(residents.values())).items()}
    phones = {row["phone"]: bytes(residents[k].phone_digest or b"") for k, row in ready.items() if row["phone"]}
    return ready, shares_for(ready.values(), phones, chosen)


def candidates(block: str) -> Iterator[tuple[UUID, UUID]]:
    """Every pair of one way in."""
    with connection.cursor() as cursor:
        cursor.execute(BLOCKS[block])
        while rows := cursor.fetchmany(2000):
            yield from rows


def open_pairs() -> QuerySet[CandidatePair]:
    """What waits at the desk: undecided pairs of living identities, most gain first."""
    rows = CandidatePair.objects.filter(left__merged_into=None, right__merged_into=None)
    return rows.filter(state__in=[State.OPEN, State.LATER]).order_by("-gain", "id")


def queue(state: str = "open", page: int = 1, limit: int = 20) -> Page[list[PairData]]:
    """The queue by clusters: pairs that share somebody stand together, the cluster with the most gain first.

    ``state``: ``open``, ``later``, ``safe`` (undecided pairs with the same document, name and birth date).
    """
    rows = open_pairs().filter(state=State.LATER if state == "later" else State.OPEN)
    found = list((rows.filter(is_safe=True) if state == "safe" else rows)[:_QUEUE])
    clusters = _clusters(found)
    offset = (min(max(page, 1), max(1, -(-len(clusters) // limit))) - 1) * limit
    shown = clusters[offset : offset + limit]
    data = {p.id: p for p in pair_data([pair for cluster in shown for pair in cluster])}
    return Page([[data[p.id] for p in cluster] for cluster in shown], len(clusters), offset, limit)


def _clusters(pairs: Collection[CandidatePair]) -> list[list[CandidatePair]]:
    """Connected pairs together, in the order of their best gain."""
    parent: dict[UUID, UUID] = {}

    def root(key: UUID) -> UUID:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for pair in pairs:
        parent[root(pair.left_id)] = root(pair.right_id)
    groups: dict[UUID, list[CandidatePair]] = {}
    for pair in pairs:
        groups.setdefault(root(pair.left_id), []).append(pair)
    return sorted(groups.values(), key=lambda group: -sum(p.gain for p in group))


def pair_data(pairs: Collection[CandidatePair]) -> list[PairData]:
    """Pairs with both sides as rows."""
    people = Resident.objects.in_bulk({k for p in pairs for k in (p.left_id, p.right_id)})
    rows: dict[UUID, ResidentRow] = {r.id: r for r in rows_of(list(people.values()))}
    return [
        PairData(
            id=p.id, left=rows[p.left_id], right=rows[p.right_id], weight=p.weight, probability=p.probability, verdict=p.verdict,
            gain=p.gain, is_safe=p.is_safe, found_by=_(str(CandidatePair.FoundBy(p.found_by).label)), found_at=p.found_at,
            state=p.state, state_label=_(str(State(p.state).label)), reason=p.reason, decided_by=p.decided_by,
            decided_at=p.decided_at, operation_id=p.operation_id,
        )
        for p in pairs
    ]  # fmt: skip


def pair(pair_id: UUID) -> PairData:
    """One pair, or NotFound."""
    found = CandidatePair.objects.filter(pk=pair_id).first()
    if found is None:
        raise NotFound(_("没有找到这一对，可能已经处理。"))
    return pair_data([found])[0]


def beside(chosen: PairData) -> list[PairData]:
    """Other undecided pairs of the same two people."""
    ends = [chosen.left.id, chosen.right.id]
    rows = open_pairs().filter(Q(left_id__in=ends) | Q(right_id__in=ends)).exclude(pk=chosen.id)
    return pair_data(list(rows[:20]))


def group_of(pair_id: UUID) -> list[PairData]:
    """All undecided pairs that hang together with one, that one included."""
    found = {p.id: p for p in open_pairs().filter(pk=pair_id)}
    ends = {key for p in found.values() for key in (p.left_id, p.right_id)}
    while True:
        more = open_pairs().filter(Q(left_id__in=ends) | Q(right_id__in=ends)).exclude(pk__in=found)[:_LARGEST]
        new = {p.id: p for p in more}
        if not new or len(found) > _LARGEST:
            return pair_data(list(found.values()))
        found |= new
        ends |= {key for p in new.values() for key in (p.left_id, p.right_id)}


def next_pair() -> UUID | None:
    """The undecided pair with the most gain."""
    return open_pairs().filter(state=State.OPEN).values_list("id", flat=True).first()


def open_count() -> int:
    """How many pairs wait, for the menu."""
    return CandidatePair.objects.filter(state=State.OPEN).count()


def statistics() -> PairStatistics:
    """What the decisions so far say about the score: of the pairs it would have linked, how many were one person."""
    counts: dict[tuple[str, str], int] = {}
    for row in CandidatePair.objects.values("verdict", "state").annotate(n=Count("id")):
        counts[row["verdict"], row["state"]] = row["n"]
    return PairStatistics(
        waiting=sum(n for (_v, state), n in counts.items() if state in ("open", "later")),
        link_same=counts.get(("link", "same"), 0),
        link_different=counts.get(("link", "different"), 0),
        review_same=counts.get(("review", "same"), 0),
        review_different=counts.get(("review", "different"), 0),
    )
