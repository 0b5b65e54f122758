"""Refusals around invoices."""

from yigong.core.errors import Conflict, DomainError, InvalidInput


class NotHere(DomainError):
    """The invoice belongs to another institution."""

    code = "invoices.not_here"
    message = "这张票据由别的机构开具，请在开票机构办理。"
    status = 403


class AnotherNumber(InvalidInput):
    """The number on the paper is not the one that comes next."""

    code = "invoices.another_number"
    message = "下一个号是 %(next)s，不是 %(given)s：请核对打印机里的票据，漏号的先逐张登记废票。"


class GoneAlready(Conflict):
    """The invoice does not count any more."""

    code = "invoices.gone_already"
    message = "票据 %(number)s 已经作废或冲红。"
