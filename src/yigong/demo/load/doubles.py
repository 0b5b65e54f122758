"""People who came to the township without their identity card and were registered once more: work for the index's desk."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from yigong.core.actor import Actor
from yigong.demo.generate.people import Person
from yigong.residents import api as residents
from yigong.residents.data import NewResident

_COUNT = 8


class Known(Protocol):
    """A resident with the key."""

    @property
    def id(self) -> UUID: ...
    @property
    def person(self) -> Person: ...


def register(people: Sequence[Known], clerk: Actor) -> int:
    """The same people at the registration desk, by what they say and without a number; the clerk goes on in spite of the likeness."""
    step = max(len(people) // _COUNT, 1)
    chosen = people[::step][:_COUNT]
    for place, known in enumerate(chosen):
        _once_more(known.person, place, clerk)
    return len(chosen)


def _once_more(person: Person, place: int, clerk: Actor) -> None:
    said: dict[str, Any] = {
        "name": person.name,
        "sex": person.sex,
        "birth_date": person.born,
        "phone": person.phone if place % 3 else "",
    }
    if place % 4 == 1 and len(person.name) == 3:
        said["name"] = person.name[0] + person.name[2] + person.name[1]
    if place % 4 == 3:
        said |= {"birth_date": date(person.born.year, 1, 1), "phone": person.phone}
    near = residents.check_duplicates(actor=clerk, **said)
    confirmed = [m.resident.id for m in near]
    given = NewResident(**said, birth_precision="estimated" if place % 4 == 3 else "day")
    residents.register_resident(given=given, actor=clerk, confirmed=confirmed)
