"""Where a row's key stands: rooms keep keys of each other as foreign keys or as plain ``…_id`` columns.

    uses_of(Institution, ids, "institution")     key -> labels of the tables that name it

What is taken back (an import undone) must not leave a key behind that means nothing.
"""

from collections.abc import Collection
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

# The histories of rows name who acted and where; that alone is no use of a row.
_HISTORIES = {"audit", "states"}
_ROOMS = {
    "network": "科室、人员与岗位", "access": "账号与授权", "residents": "居民档案", "records": "健康档案", "tasks": "待办", "orders": "检查检验申请",
    "referrals": "转诊", "clinic": "门诊住院", "programmes": "公卫管理", "contracts": "家医签约", "coverage": "参保", "settlement": "医保结算",
    "takeon": "数据接入",
}  # fmt: skip


def uses_of(
    model: type[models.Model], ids: Collection[UUID], word: str, *, but: Collection[type[models.Model]] = ()
) -> dict[UUID, set[str]]:
    """Which keys stand in any table, and in which ones; ``word`` is what plain columns are called (``word_id``), ``but`` are tables that do
    not count."""
    found: dict[UUID, set[str]] = {}
    for other in apps.get_models():
        if other._meta.app_label in _HISTORIES or not other._meta.managed or other in but:
            continue
        for field in other._meta.concrete_fields:
            if _names(field, model, word):
                named = other._default_manager.filter(**{f"{field.attname}__in": ids})
                for key in named.order_by().values_list(field.attname, flat=True).distinct():
                    found.setdefault(key, set()).add(str(other._meta.label))
    return found


def _names(field: models.Field, model: type[models.Model], word: str) -> bool:
    if isinstance(field, models.ForeignKey):
        return field.related_model is model
    return isinstance(field, models.UUIDField) and not field.primary_key and field.name.endswith(f"{word}_id")


def in_words(tables: Collection[str]) -> str:
    """Why a row stays: the rooms of the tables that name it."""
    rooms = sorted({_(_ROOMS.get(table.split(".")[0], "其他业务")) for table in tables})
    return _("已被使用：%(where)s") % {"where": "、".join(rooms)}
