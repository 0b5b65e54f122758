"""Refusals of this room."""

from typing import Any

from yigong.access.data import Decision
from yigong.core.errors import Conflict, DomainError, Forbidden, InvalidInput


class Refused(Forbidden):
    """A decision said no; carries the decision with its explanation and next steps."""

    code = "access.refused"

    def __init__(self, decision: Decision, /, **fields: Any) -> None:
        super().__init__(decision.explanation, **fields)
        self.decision = decision
        # What a form shows beside the sentence; the refusal page takes it from the decision.
        self.next_step = decision.next_step


class WrongCredentials(DomainError):
    """Name or password do not fit; it is not told which."""

    code = "access.wrong_credentials"
    message = "用户名或密码不对，请重新输入。忘记密码请联系本机构系统管理员重置。"
    status = 401


class TooManyAttempts(DomainError):
    """This name from this address has to wait."""

    code = "access.too_many_attempts"
    message = "连续输错 %(failures)s 次，请在 %(wait)s后再试。本限制只对当前电脑有效，也可请系统管理员解除。"
    status = 429


class AccountLocked(DomainError):
    """An administrator has locked the account."""

    code = "access.locked"
    message = "该账号已停用（%(reason)s）。请联系本机构系统管理员。"
    status = 403


class WrongCode(DomainError):
    """The one-time code does not fit or was used."""

    code = "access.wrong_code"
    message = "动态验证码不对或已使用，请输入手机上当前显示的 6 位数字，或一个未用过的恢复码。"
    status = 401


class WeakPassword(InvalidInput):
    """The password does not meet the policy."""

    code = "access.weak_password"


class NoPost(Forbidden):
    """The account's owner holds no post today."""

    code = "access.no_post"
    message = "您目前没有在任岗位，不能使用系统。请联系本机构系统管理员办理任职。"


class AlreadyReviewed(Conflict):
    """Somebody else has judged this emergency access."""

    code = "access.already_reviewed"
    message = "%(who)s 已于 %(at)s 给出结论，不能重复评审。"
