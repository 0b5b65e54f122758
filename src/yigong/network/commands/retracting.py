"""Rows entered by mistake are taken back as long as nothing names them: an import undone, not an institution closed."""

from collections.abc import Collection
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.network.models import Department, Institution, Post, Staff
from yigong.network.policies import check_may_manage

_KINDS: dict[str, type[models.Model]] = {
    "institution": Institution,
    "department": Department,
    "staff": Staff,
    "post": Post,
}
# The histories of rows name who acted and where; that alone is no use of a row.
_HISTORIES = {"audit", "states"}
_ROOMS = {
    "network": "科室、人员与岗位", "access": "账号与授权", "residents": "居民档案", "records": "健康档案", "tasks": "待办", "orders": "检查检验申请",
    "referrals": "转诊", "clinic": "门诊住院", "programmes": "公卫管理", "contracts": "家医签约", "coverage": "参保", "settlement": "医保结算",
    "takeon": "数据接入",
}  # fmt: skip


@change
def retract(*, kind: str, ids: Collection[UUID], reason: str, actor: Actor) -> dict[UUID, str]:
    """Delete institutions, departments, staff or posts (``kind``) that no row of any room names; the others stay, each with why."""
    check_may_manage(actor, None)
    model = _KINDS[kind]
    rows = list(model._default_manager.select_for_update().filter(pk__in=ids).order_by("-id"))
    used = _used(kind, [row.pk for row in rows])
    stay: dict[UUID, str] = {}
    for row in rows:  # the newest first: below before above
        if row.pk in used and not _only_gone(kind, row.pk, used[row.pk]):
            stay[row.pk] = _("已被使用:%(where)s") % {"where": _where(used[row.pk])}
            continue
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError:
            stay[row.pk] = _("还有下级机构、科室或岗位")
    return stay


def _where(tables: set[str]) -> str:
    """The rooms of some tables in words."""
    return "、".join(sorted({_(_ROOMS.get(table.split(".")[0], "其他业务")) for table in tables}))


def _only_gone(kind: str, key: UUID, where: set[str]) -> bool:
    """Whether an institution was named by its own subordinates only, and those are deleted by now."""
    return (
        kind == "institution"
        and where == {str(Institution._meta.label)}
        and not Institution.objects.filter(parent_id=key).exists()
    )


def _used(kind: str, ids: list[UUID]) -> dict[UUID, set[str]]:
    """Which keys stand in any table, and in which ones: rooms keep keys as foreign keys or as plain ``…_id`` columns."""
    found: dict[UUID, set[str]] = {}
    for model in apps.get_models():
        if model._meta.app_label in _HISTORIES or not model._meta.managed:
            continue
        for field in model._meta.concrete_fields:
            if _names(field, kind):
                named = model._default_manager.filter(**{f"{field.attname}__in": ids})
                for key in named.order_by().values_list(field.attname, flat=True).distinct():
                    found.setdefault(key, set()).add(str(model._meta.label))
    return found


def _names(field: models.Field, kind: str) -> bool:
    if isinstance(field, models.ForeignKey):
        return field.related_model is _KINDS[kind]
    return isinstance(field, models.UUIDField) and not field.primary_key and field.name.endswith(f"{kind}_id")
