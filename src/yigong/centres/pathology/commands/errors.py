"""Refusals of pathology."""

from django.utils.translation import gettext_noop as _n

from yigong.core.errors import Conflict, NotFound


class NoSuchSpecimen(NotFound):
    """Nothing carries this bar code."""

    code = "pathology.no_such_specimen"
    message = _n("没有条码为“%(code)s”的标本、蜡块或玻片，请核对条码。无标签的标本请在申请单上拒收。")


class SpecimenElsewhere(Conflict):
    """It is not in the state that the step needs; says where it is, who brought it there and when."""

    code = "pathology.elsewhere"
    message = _n("%(code)s 现为“%(state)s”（%(who)s %(at)s），不能%(action)s。")


class MixedUp(Conflict):
    """The container in hand belongs to another request."""

    code = "pathology.mixed_up"
    message = _n("标本 %(code)s 属于申请单 %(other)s，不是 %(number)s：请当面核对，不要混收。")


class StillInPieces(Conflict):
    """What was made of it is still about."""

    code = "pathology.has_parts"
    message = _n("%(code)s 已有 %(n)s 件蜡块或玻片，请先逐件取消，再撤销。")


class NotForThis(Conflict):
    """A step that this kind of order does not have."""

    code = "pathology.not_for_this"
    message = _n("%(what)s不适用于这类申请。")
