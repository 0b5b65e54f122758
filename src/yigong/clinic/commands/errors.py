"""Refusals of this room."""

from django.utils.translation import gettext as _

from yigong.core.errors import Conflict, InvalidInput


class BillNotOpen(Conflict):
    """The bill takes no charges now."""

    code = "clinic.bill_not_open"
    message = "账单%(state)s，不能再增减费用。如需修改，请先由收费窗口退回记账。"


class TooMuchReturned(InvalidInput):
    """More was to be returned than is left."""

    code = "clinic.too_much_returned"
    message = "“%(item)s”最多可退 %(left)s %(unit)s。"


class NothingToSettle(Conflict):
    """A bill without charges, or one that the doctor has not finished."""

    code = "clinic.nothing_to_settle"


class AnotherOpenBill(Conflict):
    """A visit has one open bill at a time."""

    code = "clinic.another_open_bill"
    message = "这次就诊另有一张记账中的账单，请先结算那一张，再退回这一张。"


class SessionThere(Conflict):
    """A doctor has one session per half day."""

    code = "clinic.session_there"
    message = "这位医生这一天这个时段已经安排了出诊。"


class NumberTaken(Conflict):
    """The last place of the session went."""

    code = "clinic.number_taken"
    message = "%(doctor)s 的号已挂完。%(others)s"

    def __init__(self, *, doctor: str, others: str) -> None:
        offer = _("同科室可挂：%(others)s。") % {"others": others} if others else _("同科室今天没有余号。")
        super().__init__(doctor=doctor, others=offer)


class AlreadyWaiting(Conflict):
    """One number of a department at a time."""

    code = "clinic.already_waiting"
    message = "%(name)s 今天在这个科室已有一个未就诊的号，不能重复挂号。"


class FollowUpTaken(Conflict):
    """The free number was given a moment ago."""

    code = "clinic.follow_up_taken"
    message = "这次挂号的免费复诊刚刚已使用，请重新核对后再挂号。"


class PaidAlready(Conflict):
    """A paid registration is returned at the counter first."""

    code = "clinic.paid_already"
    message = "挂号费已结算或正在结算，请先在收费窗口退费，再退号。"


class NeedsReason(InvalidInput):
    """A medicine against a known allergy."""

    code = "clinic.needs_reason"


class BedTaken(Conflict):
    """Somebody lies in the bed."""

    code = "clinic.bed_taken"
    message = "%(bed)s 床刚刚已有患者，请换一张床。"


class AlreadyInside(Conflict):
    """One stay at a time."""

    code = "clinic.already_inside"
    message = "%(name)s 正在本机构住院，不能重复办理入院。"


class NotComplete(InvalidInput):
    """A front page with gaps; ``errors`` name the fields."""

    code = "clinic.not_complete"
    message = "病案首页还有 %(n)s 处需要补充或改正。"
