"""People for tests: say only what matters."""

from datetime import date
from itertools import count
from typing import Any
from uuid import uuid4

from yigong.access.api import permissions
from yigong.core.actor import Actor
from yigong.network.models import Institution
from yigong.residents.commands import register_resident
from yigong.residents.data import GivenNumber, NewResident, Registered, ResidentData
from yigong.residents.rules.numbers import check_character

_serial = count(1)


def citizen_number(born: date = date(1960, 5, 4), sex: str = "1", area: str = "530181") -> str:
    """A fresh valid number."""
    n = next(_serial) % 400
    body = f"{area}{born:%Y%m%d}{n * 2 + (sex == '1'):03d}"
    return body + check_character(body)


def make_institution(name: str = "清水卫生院", level: str = "township", **values: Any) -> Institution:
    """A place of work."""
    return Institution.objects.create(
        code=uuid4().hex[:22], name=name, short_name=name, initials="qswsy", level=level, category="C220", **values
    )


def make_actor(role: str = "gp", institution: Institution | None = None, **values: Any) -> Actor:
    """Somebody at a post with all permissions of the role (``all`` for every permission)."""
    place = institution or make_institution()
    allowed = frozenset(c for c, p in permissions().items() if role == "all" or role in p.roles)
    return Actor(
        name="李医生",
        role=role,
        institution_id=place.id,
        institution_name=place.name,
        permissions=allowed,
        institution_ids=frozenset({place.id}),
        **values,
    )


def register(actor: Actor, name: str = "王小红", **values: Any) -> Registered:
    """Register through the command."""
    given = {"sex": "2", "birth_date": date(1960, 5, 4)} | values
    number = given.pop("number", None)
    confirmed = given.pop("confirmed", ())
    numbers = (GivenNumber("01", number),) if number else ()
    return register_resident(given=NewResident(name=name, numbers=numbers, **given), actor=actor, confirmed=confirmed)


def make_resident(actor: Actor, name: str = "王小红", **values: Any) -> ResidentData:
    """A registered person."""
    return register(actor, name, **values).resident
