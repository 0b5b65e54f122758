"""Who acts. Every command takes an Actor; there is no hidden current user."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

# What ``system`` calls a part of the platform; nobody's name is written like that.
_PART = re.compile(r"[a-z][a-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class Actor:
    """One person at one post, or the system itself.

    ``staff_id``, ``post_id``, ``institution_id`` and ``department_id`` are keys of ``network``; ``permissions`` are the named
    permissions of the post's role; ``institution_ids`` are all places where the person may work today (secondments included).
    """

    name: str
    role: str
    account_id: UUID | None = None
    staff_id: UUID | None = None
    post_id: UUID | None = None
    institution_id: UUID | None = None
    institution_name: str = ""
    department_id: UUID | None = None
    permissions: frozenset[str] = frozenset()
    institution_ids: frozenset[UUID] = field(default_factory=frozenset)
    address: str = ""

    @property
    def is_system(self) -> bool:
        """True for clocks, relays and imports: no person stands behind the change."""
        return self.role == "system"

    @property
    def places(self) -> frozenset[UUID]:
        """Every institution where the person works today, the present post's among them."""
        return self.institution_ids | ({self.institution_id} if self.institution_id else frozenset())

    def has(self, permission: str) -> bool:
        """Whether the role carries this named permission (the system carries all)."""
        return self.is_system or permission in self.permissions


def system(name: str) -> Actor:
    """The platform acting by itself; ``name`` says which part, e.g. ``clock`` or ``relay``."""
    return Actor(name=name, role="system")


def shown(name: str) -> str:
    """An actor's name for people to read: who acted by itself is the platform, whatever part of it."""
    return _("系统") if _PART.fullmatch(name) else name
