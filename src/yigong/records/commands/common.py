"""What every writing command does first: right, person, place, time, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access.api import permissions
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.records import rules
from yigong.records.data import Source
from yigong.records.models import Entry
from yigong.residents import api as residents
from yigong.residents.data import ResidentData

M = TypeVar("M", bound=Entry)


@dataclass(frozen=True)
class Place:
    """The common columns of a new entry, checked."""

    values: dict[str, Any]
    resident: ResidentData


def require(actor: Actor, permission: str) -> None:
    """Refuse an actor without this right."""
    if not actor.has(permission):
        label = permissions()[permission].label
        raise Forbidden(_("您没有“%(label)s”的权限，请联系本机构管理员。") % {"label": _(label)})


def repeated(model: type[M], request_key: UUID | None) -> M | None:
    """The entry that this very request has written before. The key is locked, so a double click waits for the first."""
    if request_key is None:
        return None
    one_at_a_time(request_key)
    return model._default_manager.filter(request_key=request_key).first()


def place(
    resident_id: UUID,
    actor: Actor,
    *,
    occurred_at: datetime | None,
    institution_id: UUID | None,
    staff_id: UUID | None,
    source: Source | None,
    request_key: UUID | None,
    decided: bool = False,
) -> Place:
    """Decide (unless the caller's command has), follow the person's links, check the time, and give the common columns."""
    if decided:
        resident = residents.identity(resident_id)
    else:
        resident = residents.access_resident(resident_id, actor=actor, action="write")
    if resident.status == "cancelled":
        raise Conflict(_("该居民档案已注销，不能再写入；请先恢复档案或选择正确的档案。"))
    where = institution_id or actor.institution_id
    if where is None:
        raise InvalidInput(errors={"institution_id": _("请选择机构。")})
    came = source or Source()
    return Place(
        {
            "resident_id": resident.id,
            "institution_id": where,
            "staff_id": staff_id or actor.staff_id,
            "occurred_at": rules.check_time(occurred_at, resident.birth_date),
            "source_system": came.system[:40],
            "source_number": came.number[:60],
            "request_key": request_key,
        },
        resident,
    )
