"""What the commands share."""

from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.core.rights import permissions

M = TypeVar("M", bound=models.Model)


def require(actor: Actor, permission: str) -> None:
    """Refuse whoever lacks the right, naming it."""
    if not actor.has(permission):
        raise Forbidden(_("您没有“%(right)s”的权限，请联系本机构管理员。") % {"right": permissions()[permission].label})


def found(model: type[M], key: Any, *, lock: bool = False) -> M:
    """The row; NotFound. ``lock`` keeps others from changing it until the end of the transaction."""
    rows = model._default_manager.all()
    row = (rows.select_for_update() if lock else rows).filter(pk=key).first()
    if row is None:
        raise NotFound()
    return row


def owner(kind: str, *words: object) -> UUID:
    """The key of an account's owner that is no row of ours: a scheme's fund of a region."""
    from uuid import NAMESPACE_URL, uuid5

    return uuid5(NAMESPACE_URL, "/".join(map(str, ("yigong", kind, *words))))
