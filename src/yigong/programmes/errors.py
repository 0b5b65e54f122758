"""Refusals of this room."""

from yigong.core.errors import Conflict, InvalidInput


class AlreadyEnrolled(Conflict):
    """The person is in this programme at that time."""

    code = "programmes.already"
    message = "%(name)s已在“%(programme)s”管理中，不能重复纳入。"


class NotEligible(InvalidInput):
    """The person is not one of those the programme is for."""

    code = "programmes.not_eligible"
    message = "%(name)s不符合纳入条件：%(why)s"


class Locked(InvalidInput):
    """The period of this visit is locked; a reason lets it in as a late entry."""

    code = "programmes.locked"
    message = "%(day)s 所在的统计期已于 %(since)s 锁定；确需补录请写明补录原因。"


class Unconfirmed(InvalidInput):
    """Values that are possible but unlikely were not confirmed."""

    code = "programmes.unconfirmed"
    message = "有数值不常见，请核对无误后勾选“已核对”再提交。"


class LotBlocked(InvalidInput):
    """The lot may not be given, or is used up here. What went in all the same is entered with the reason, so that a recall finds the person."""

    code = "programmes.lot_blocked"
    message = "这个批号不能接种。还没有接种的，请换用其他批号；已经接种的，请写明情况后保存。"


class RegisteredBefore(InvalidInput):
    """The same thing of the same person was registered a short while ago: a second card needs a reason."""

    code = "programmes.registered_before"
    message = (
        "%(name)s的“%(what)s”（%(day)s）已于 %(on)s 登记过；订正请打开原来的登记。确为另一次的，请写明说明后再登记。"
    )
