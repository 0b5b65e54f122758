"""Refusals of the laboratory."""

from django.utils.translation import gettext_noop as _n

from yigong.core.errors import Conflict, InvalidInput, NotFound


class NoSuchTube(NotFound):
    """No tube carries this number."""

    code = "laboratory.no_such_tube"
    message = _n("没有条码为“%(number)s”的标本，请核对条码。")


class TubeElsewhere(Conflict):
    """The tube is not in the state that the step needs; says where it is."""

    code = "laboratory.tube_elsewhere"
    message = _n("标本 %(number)s 现为“%(state)s”（%(who)s %(at)s），不能%(action)s。")


class WrongBox(Conflict):
    """The tube travels in another box."""

    code = "laboratory.wrong_box"
    message = _n("标本 %(number)s 不在箱 %(box)s 中，它在箱 %(other)s。")


class UnitDiffers(InvalidInput):
    """The unit is not the analyte's and no factor is declared."""

    code = "laboratory.unit"
    message = _n("%(name)s 的单位“%(unit)s”与本中心的“%(own)s”不同，且没有登记换算系数，结果未接收。")


class UnknownAnalyte(InvalidInput):
    """The order does not ask for this, or nobody knows it."""

    code = "laboratory.analyte"
    message = _n("“%(name)s”不是标本 %(number)s 要检测的项目，结果未接收。")


class ValueUnreadable(InvalidInput):
    """A number was expected."""

    code = "laboratory.value"
    message = _n("%(name)s 的结果“%(text)s”不是数字，请核对。")


class TooLate(Conflict):
    """The report is signed; a change is an amendment."""

    code = "laboratory.reported"
    message = _n("申请单 %(number)s 现为“%(state)s”，不能改结果；已发布的请先更正报告。")


class NotAtLaboratory(Conflict):
    """Results belong to tubes that have been received."""

    code = "laboratory.not_received"
    message = _n("标本 %(number)s 现为“%(state)s”，签收后才能录入结果。")
