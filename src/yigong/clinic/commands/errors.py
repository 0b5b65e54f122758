"""Refusals of this room."""

from yigong.core.errors import Conflict, InvalidInput


class BillNotOpen(Conflict):
    """The bill takes no charges now."""

    code = "clinic.bill_not_open"
    message = "账单%(state)s,不能再增减费用。如需修改,请先由收费窗口退回记账。"


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
    message = "这次就诊另有一张记账中的账单,请先结算那一张,再退回这一张。"
