"""Rows entered by mistake are taken back as long as nothing names them: an import undone, not an institution closed."""

from collections.abc import Collection
from uuid import UUID

from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.uses import in_words, uses_of
from yigong.network.models import Department, Institution, Post, Staff
from yigong.network.policies import check_may_manage

_KINDS: dict[str, type[models.Model]] = {
    "institution": Institution,
    "department": Department,
    "staff": Staff,
    "post": Post,
}


@change
def retract(*, kind: str, ids: Collection[UUID], reason: str, actor: Actor) -> dict[UUID, str]:
    """Delete institutions, departments, staff or posts (``kind``) that no row of any room names; the others stay, each with why."""
    check_may_manage(actor, None)
    model = _KINDS[kind]
    rows = list(model._default_manager.select_for_update().filter(pk__in=ids).order_by("-id"))
    used = uses_of(model, [row.pk for row in rows], kind)
    stay: dict[UUID, str] = {}
    for row in rows:  # the newest first: below before above
        if row.pk in used and not _only_gone(kind, row.pk, used[row.pk]):
            stay[row.pk] = in_words(used[row.pk])
            continue
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError:
            stay[row.pk] = _("还有下级机构、科室或岗位")
    return stay


def _only_gone(kind: str, key: UUID, where: set[str]) -> bool:
    """Whether an institution was named by its own subordinates only, and those are deleted by now."""
    return (
        kind == "institution"
        and where == {str(Institution._meta.label)}
        and not Institution.objects.filter(parent_id=key).exists()
    )
