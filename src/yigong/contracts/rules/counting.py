"""Which records fulfil which item: each record once, no item beyond its number. The same facts give the same answer in any order."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yigong.contracts.rules.definition import Item, Package


@dataclass(frozen=True, slots=True)
class Fact:
    """A record that may fulfil an item. ``kind`` visit: ``programme`` and ``stage``; encounter: ``stage`` is the kind of contact."""

    kind: str
    id: UUID
    on: date
    institution_id: UUID
    staff_id: UUID | None
    stage: str
    programme: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """A record and the item it fulfils."""

    fact: Fact
    package: str
    item: str


Place = tuple[str, str]


def due_items(packages: Iterable[Package], groups: Collection[str]) -> list[tuple[Package, Item]]:
    """The items that are due to a person of these key populations, packages for populations before the basic one.

    The particular comes first so that a follow-up counts where it is asked for by name.
    """
    ranked = sorted(packages, key=lambda p: ({"population": 0, "personal": 1, "basic": 2}[p.kind], p.order, p.code))
    return [(p, i) for p in ranked for i in p.items if not i.groups or set(i.groups) & set(groups)]


def count(items: Sequence[tuple[Package, Item]], facts: Iterable[Fact], manual: Mapping[Place, int]) -> list[Counted]:
    """Give each fact, oldest first, to the first item that it fulfils and that is not yet full. ``manual``: how often noted by hand."""
    left = {(p.code, i.code): i.times - manual.get((p.code, i.code), 0) for p, i in items}
    found = []
    for fact in sorted(facts, key=lambda f: (f.on, f.kind, str(f.id))):
        place = next(((p.code, i.code) for p, i in items if left[p.code, i.code] > 0 and fulfils(fact, i)), None)
        if place:
            left[place] -= 1
            found.append(Counted(fact, *place))
    return found


def fulfils(fact: Fact, item: Item) -> bool:
    """Whether a record is what an item asks for."""
    for evidence in item.evidence:
        if evidence.kind != fact.kind:
            continue
        if (
            fact.kind == "visit"
            and evidence.programme == fact.programme
            and fact.stage in (evidence.stages or [fact.stage])
        ):
            return True
        if fact.kind == "encounter" and fact.stage in evidence.kinds:
            return True
    return False
