"""Small makers for the tests of the mechanism floor."""

from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.utils import timezone

from yigong.core.actor import Actor
from yigong.core.ids import new_id


def make_institution(name: str = "河口镇卫生院", level: str = "township", parent: UUID | None = None) -> UUID:
    """An institution's key."""
    row = apps.get_model("network.Institution")(
        code=uuid4().hex[:22],
        name=name,
        short_name=name[:6],
        initials="",
        level=level,
        category="C220",
        parent_id=parent,
    )
    row.save()
    return row.pk


def make_staff(name: str = "王敏") -> UUID:
    """A staff member's key."""
    row = apps.get_model("network.Staff")(code=new_id().hex[-20:], name=name, initials="", sex="2")
    row.save()
    return row.pk


def make_actor(
    institution: UUID, role: str = "gp", name: str = "王敏", permissions: set[str] | None = None, **more: Any
) -> Actor:
    """A staff member with a post at the institution, with the role's default permissions."""
    from yigong.access.api import permissions_of

    staff = more.pop("staff_id", None) or make_staff(name)
    post = apps.get_model("network.Post")(
        staff_id=staff, institution_id=institution, role=role, starts_on=timezone.now().date()
    )
    post.save()
    return Actor(
        name=name, role=role, staff_id=staff, post_id=post.pk, institution_id=institution,
        institution_ids=frozenset({institution}), permissions=permissions_of(role) | (permissions or set()), **more
    )  # fmt: skip
