"""Small worlds for tests; a factory says only what matters."""

from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from yigong.core.actor import Actor, system
from yigong.network import api as network
from yigong.network.data import AllianceData, InstitutionData, StaffData

BOSS = system("test")
_serial = count(1)
LEVELS = {"village": "D600", "township": "C220", "county": "A100", "outside": "A100", "authority": "P100"}


def make_institution(level: str = "village", **facts: Any) -> InstitutionData:
    """An institution of a level; everything else made up."""
    n = next(_serial)
    facts = {"code": f"TST{n:05d}", "name": f"第{n}机构", "category": LEVELS.get(level, "A100"), "actor": BOSS} | facts
    return network.create_institution(level=level, **facts)


def make_staff(**facts: Any) -> StaffData:
    """A person without posts."""
    n = next(_serial)
    return network.create_staff(**{"code": f"T{n:06d}", "name": f"李{n}", "sex": "1", "actor": BOSS} | facts)


def make_alliance(kind: str = "community", **facts: Any) -> AllianceData:
    """An alliance from 2026 on."""
    n = next(_serial)
    facts = {"name": f"第{n}联合体", "starts_on": date(2026, 1, 1), "actor": BOSS} | facts
    return network.create_alliance(kind=kind, **facts)


def join(alliance: AllianceData, institution: InstitutionData, **facts: Any) -> Any:
    """A membership from 2026 on."""
    facts = {"role": "member", "starts_on": date(2026, 1, 1), "reason": "签订协议", "actor": BOSS} | facts
    return network.join_alliance(alliance_id=alliance.id, institution_id=institution.id, **facts)


def actor_at(institution_id: UUID, role: str, **facts: Any) -> Actor:
    """An actor with the role's permissions, without an account."""
    from yigong.core.rights import permissions_of

    return Actor(
        name="测试员",
        role=role,
        institution_id=institution_id,
        institution_name="测试机构",
        institution_ids=frozenset({institution_id}),
        permissions=permissions_of(role),
        **facts,
    )
