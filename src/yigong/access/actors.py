"""Building the Actor of an account at one of its posts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from yigong.access.errors import NoPost
from yigong.access.models import Account
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.rights import permissions_of
from yigong.network import api as network
from yigong.network.data import PostData


def actor_of(account_id: UUID, post_id: UUID | None = None, address: str = "") -> Actor:
    """The actor of an account at one of the posts its owner holds today (the first when not named); NoPost without one."""
    return actor_with_posts(account_id, post_id, address)[0]


def actor_with_posts(
    account_id: UUID, post_id: UUID | None = None, address: str = ""
) -> tuple[Actor, tuple[PostData, ...]]:
    """The actor and all posts to switch between."""
    staff_id = Account.objects.filter(pk=account_id).values_list("staff_id", flat=True).first()
    if staff_id is None:
        raise NotFound
    work = network.workplace(staff_id)
    post = _chosen(work.posts, post_id)
    if post is None:
        raise NoPost
    actor = Actor(
        name=work.staff_name,
        role=post.role,
        account_id=account_id,
        staff_id=staff_id,
        post_id=post.id,
        institution_id=post.institution_id,
        institution_name=post.institution_name,
        department_id=post.department_id,
        permissions=permissions_of(post.role),
        institution_ids=work.seconded_to | {post.institution_id},
        address=address,
    )
    return actor, work.posts


def _chosen(posts: Sequence[PostData], post_id: UUID | None) -> PostData | None:
    wanted = next((post for post in posts if post.id == post_id), None)
    return wanted or (posts[0] if posts else None)


def pack(actor: Actor) -> dict[str, Any]:
    """The actor as plain values for the session; permissions come from the role when it is unpacked."""
    keys = ("account_id", "staff_id", "post_id", "institution_id", "department_id")
    plain: dict[str, Any] = {key: str(getattr(actor, key) or "") for key in keys}
    plain |= {"name": actor.name, "role": actor.role, "institution_name": actor.institution_name}
    return plain | {"institution_ids": [str(key) for key in actor.institution_ids]}


def unpack(plain: dict[str, Any], address: str) -> Actor:
    """The actor from ``pack``'s values."""
    keys = ("account_id", "staff_id", "post_id", "institution_id", "department_id")
    return Actor(
        **{key: UUID(plain[key]) if plain[key] else None for key in keys},
        name=plain["name"],
        role=plain["role"],
        institution_name=plain["institution_name"],
        permissions=permissions_of(plain["role"]),
        institution_ids=frozenset(UUID(key) for key in plain["institution_ids"]),
        address=address,
    )
