"""Refusals of this room."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yigong.core.errors import Conflict
from yigong.residents.data import NearMatch


class NumberTaken(Conflict):
    """A living person already holds this number; ``holder`` is that person, the way on."""

    code = "residents.number_taken"
    message = gettext_noop(
        "这个%(kind)s号码已由“%(name)s”（%(sex)s，%(age)s）建档，不能重复建档。请打开该居民的档案继续。"
    )

    def __init__(self, holder: NearMatch, kind_label: str, same_name: bool) -> None:
        row = holder.resident
        super().__init__(kind=kind_label, name=row.name, sex=row.sex_label, age=row.age_text)
        self.holder, self.same_name = holder, same_name

    def __str__(self) -> str:
        text = super().__str__()
        if self.same_name:
            return text
        return text + _(
            "填写的姓名与档案不同：如果是同一人改名或原来登记有误，请打开档案修改姓名；如果不是，请核对号码。"
        )


class SimilarPeople(Conflict):
    """People who may be the same are registered; the caller confirms having looked at them."""

    code = "residents.similar"
    message = gettext_noop("已有 %(count)s 位信息相近的居民，请先比对；确认不是同一人后再建档。")

    def __init__(self, matches: Sequence[NearMatch]) -> None:
        super().__init__(count=len(matches))
        self.matches = list(matches)


class Closed(Conflict):
    """The identity is closed."""

    code = "residents.closed"
    message = gettext_noop("该居民档案%(status)s（%(reason)s），请先恢复档案再操作。")


class AlreadyMerged(Conflict):
    """One side of a change of links was merged before; ``into`` is where it lives today."""

    code = "residents.already_merged"
    message = gettext_noop("“%(name)s”的这份档案已并入另一份档案，请打开现在的档案再操作。")

    def __init__(self, name: str, into: UUID) -> None:
        super().__init__(name=name)
        self.into = into


class UndoFirst(Conflict):
    """A later change of the same records stands in the way; ``operation_id`` is the one to undo first."""

    code = "residents.undo_first"
    message = gettext_noop("这些来源记录后来又经过“%(kind)s”（%(at)s，%(by)s），请先撤销那一次，再撤销这一次。")

    def __init__(self, operation_id: UUID, kind: str, at: str, by: str) -> None:
        super().__init__(kind=kind, at=at, by=by)
        self.operation_id = operation_id
